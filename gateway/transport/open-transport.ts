import type { Transport, TransportName, TransportOptions } from '../contract/transport.ts'
import { createUndiciTransport } from './undici.ts'
import { createWireTransport } from './wire/wire.ts'

/** Opens a way out with the settings of a driver. */
export type OpenTransport = (options?: TransportOptions) => Transport

/** How each of them is opened. Nobody else knows which there are. */
export const TRANSPORTS: Readonly<Record<TransportName, OpenTransport>> = {
  undici: createUndiciTransport,
  wire: createWireTransport,
}
