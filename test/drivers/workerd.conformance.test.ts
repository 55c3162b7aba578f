import { describeDriver } from '../conformance/driver.ts'
import { WORKERD } from './workerd-subject.ts'

for (const [title, conformance] of Object.entries(WORKERD)) describeDriver(title, conformance)
