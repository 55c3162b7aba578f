import { createServer } from 'node:net'
import { GatewayError } from '../contract/errors.ts'

/**
 * Makes sure that an address is free. Threads share their port with `SO_REUSEPORT`, under which a second gateway
 * would bind the same port without an error and take half of the calls.
 *
 * @param setting Path of the setting to change, for the message.
 * @throws GatewayError GW_START_FAILED, with what to do.
 */
export async function assertFree(address: { host: string; port: number }, setting: string): Promise<void> {
  if (address.port === 0) return
  const server = createServer()
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      server.listen({ host: address.host, port: address.port, exclusive: true }, resolve)
    })
  } catch (error) {
    throw new GatewayError('GW_START_FAILED', { detail: advice(error, address, setting), cause: error })
  } finally {
    await new Promise((resolve) => server.close(resolve))
  }
}

function advice(error: unknown, { host, port }: { host: string; port: number }, setting: string): string {
  const { code, message } = error as NodeJS.ErrnoException
  if (code === 'EADDRINUSE')
    return `${host}:${port} is in use by another program. Stop it or change ${setting}.`
  if (code === 'EACCES')
    return `${host}:${port} may not be bound by this user. Choose a port above 1023 in ${setting}.`
  if (code === 'EADDRNOTAVAIL') return `${host} is not an address of this machine. Change ${setting}.`
  return `${host}:${port} cannot be bound: ${message}. See ${setting}.`
}
