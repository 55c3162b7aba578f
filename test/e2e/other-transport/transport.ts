import { DEFAULT_TRANSPORT, TRANSPORT_NAMES } from '../../../gateway/contract/transport.ts'

/** What imports this first runs over the transport that is not the default, in the process that each file has. */
process.env['DISPATCH_TEST_TRANSPORT'] = TRANSPORT_NAMES.find((name) => name !== DEFAULT_TRANSPORT)
