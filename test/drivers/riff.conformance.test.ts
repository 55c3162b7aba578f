import { describeDriver } from '../conformance/driver.ts'
import { RIFF } from './riff-subject.ts'

for (const [title, conformance] of Object.entries(RIFF)) describeDriver(title, conformance)
