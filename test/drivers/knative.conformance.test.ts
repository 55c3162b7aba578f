import { describeDriver } from '../conformance/driver.ts'
import { KNATIVE } from './knative-subject.ts'

for (const [title, conformance] of Object.entries(KNATIVE)) describeDriver(title, conformance)
