import { TRANSPORTS } from '../../../gateway/transport/open-transport.ts'
import { describeTransport } from '../../conformance/transport.ts'

for (const [name, open] of Object.entries(TRANSPORTS)) describeTransport(name, open)
