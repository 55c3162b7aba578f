import { once } from 'node:events'
import type { Server as HttpServer } from 'node:http'
import net, { type AddressInfo, type Server } from 'node:net'
import type { Cleanup } from './e2e/gateway.ts'

/** Has a server listen on a port of 127.0.0.1 that nobody has, and says which. */
export async function listen(server: Server): Promise<number> {
  await once(server.listen(0, '127.0.0.1'), 'listening')
  return (server.address() as AddressInfo).port
}

/** Ends a server of HTTP at once, with whatever is connected to it. */
export function shut(server: Pick<HttpServer, 'close' | 'closeAllConnections'>): void {
  server.closeAllConnections()
  server.close()
}

/** The port of a server that accepts and never answers, until the test is over. */
export async function openSilence(t: Cleanup): Promise<number> {
  const silent = net.createServer(() => {})
  t.after(() => silent.close())
  return await listen(silent)
}
