import { DEFAULT_TRANSPORT, TRANSPORT_NAMES, type TransportName } from '../../gateway/contract/transport.ts'

/** The transport where a test names none: the default one, or that of `DISPATCH_TEST_TRANSPORT`. */
export function transportUnderTest(): TransportName {
  const wanted = process.env['DISPATCH_TEST_TRANSPORT']
  return TRANSPORT_NAMES.find((name) => name === wanted) ?? DEFAULT_TRANSPORT
}
