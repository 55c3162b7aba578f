import { describeDriver } from '../conformance/driver.ts'
import { RIFF_KNATIVE } from './riff-knative-subject.ts'

for (const [title, conformance] of Object.entries(RIFF_KNATIVE)) describeDriver(title, conformance)
