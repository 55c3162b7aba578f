import { describeDriver } from '../conformance/driver.ts'
import { OPENFAAS } from './openfaas-subject.ts'

for (const [title, conformance] of Object.entries(OPENFAAS)) describeDriver(title, conformance)
