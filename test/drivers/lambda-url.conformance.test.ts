import { describeDriver } from '../conformance/driver.ts'
import { LAMBDA_URL } from './lambda-url-subject.ts'

for (const [title, conformance] of Object.entries(LAMBDA_URL)) describeDriver(title, conformance)
