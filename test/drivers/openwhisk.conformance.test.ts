import { describeDriver } from '../conformance/driver.ts'
import { OPENWHISK } from './openwhisk-subject.ts'

for (const [title, conformance] of Object.entries(OPENWHISK)) describeDriver(title, conformance)
