import { describeDriver } from '../conformance/driver.ts'
import { HTTP } from './http-subject.ts'

for (const [title, conformance] of Object.entries(HTTP)) describeDriver(title, conformance)
