import { describeDriver } from '../conformance/driver.ts'
import { LAMBDA } from './lambda-subject.ts'

for (const [title, conformance] of Object.entries(LAMBDA)) describeDriver(title, conformance)
