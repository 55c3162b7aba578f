import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import net from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { driver as http } from '../../drivers/http.ts'
import { driver as knative } from '../../drivers/knative.ts'
import { driver as openfaas } from '../../drivers/openfaas.ts'
import { driver as openwhisk } from '../../drivers/openwhisk.ts'
import { driver as riff } from '../../drivers/riff.ts'
import { driver as workerd } from '../../drivers/workerd.ts'
import type { Invoker } from '../../gateway/contract/driver.ts'
import { listen } from '../loopback.ts'
import {
  httpOptions,
  invokerHost,
  knativeOptions,
  openFaasOptions,
  openWhiskOptions,
  riffOptions,
  workerdOptions,
} from './driver-hosts.ts'
import { SERVICE_URL } from './knative-conformance.ts'
import { lambdaInvoker } from './lambda-conformance.ts'

interface Address {
  readonly url: string
  readonly ingress: { readonly address: string; readonly host: string; readonly port: number }
  /** The same platform on a Unix socket. */
  readonly socket: string
}

/** How each driver reaches a platform. */
export const INVOKERS: Readonly<Record<string, (address: Address) => Invoker>> = {
  http: ({ url }) => http.invoker(httpOptions({ url }), invokerHost()),
  knative: ({ ingress }) => knative.invoker(knativeOptions({ url: SERVICE_URL, ingress }), invokerHost()),
  lambda: ({ url }) => lambdaInvoker({ endpoint: url }),
  'lambda, streaming': ({ url }) => lambdaInvoker({ endpoint: url, streaming: true }),
  'lambda, signed Function URLs': ({ url }) => lambdaInvoker({ endpoint: null, url, urlAuth: 'iam' }),
  'lambda, open Function URLs': ({ url }) => lambdaInvoker({ endpoint: null, url, urlAuth: 'none' }),
  openfaas: ({ url }) => openfaas.invoker(openFaasOptions({ url, upgradeUrl: url }), invokerHost()),
  openwhisk: ({ url }) => openwhisk.invoker(openWhiskOptions({ url }), invokerHost()),
  'openwhisk, web actions': ({ url }) =>
    openwhisk.invoker(openWhiskOptions({ url, call: 'web', namespace: 'guest' }), invokerHost()),
  riff: ({ url }) => riff.invoker(riffOptions({ url }), invokerHost()),
  'riff on Knative': ({ ingress }) =>
    riff.invoker(riffOptions({ api: 'knative', url: SERVICE_URL, ingress }), invokerHost()),
  workerd({ socket }) {
    const invoker = workerd.invoker(workerdOptions({ directory: '/' }), invokerHost())
    invoker.update!({ functions: { default: { kit: `unix:${socket}` } } })
    return invoker
  },
}

/** A platform that does nothing but what the test does with its connections. */
export class RawPlatform {
  readonly connections: net.Socket[] = []
  /** Requests that have begun. */
  requests = 0
  readonly #answer: (socket: net.Socket, request: string, nth: number) => void
  readonly #servers = [0, 1].map(() => net.createServer((socket) => this.#take(socket)))

  /** @param answer Called when a request has begun, with its head; `nth` is 1 for the first of all connections. */
  constructor(answer: (socket: net.Socket, request: string, nth: number) => void) {
    this.#answer = answer
  }

  /** An invoker that reaches it. */
  async open(t: TestContext, name: string): Promise<Invoker> {
    const folder = await mkdtemp(join(tmpdir(), 'raw-'))
    const path = join(folder, 's')
    const [tcp, unix] = this.#servers
    const [port] = await Promise.all([listen(tcp!), once(unix!.listen(path), 'listening')])
    const ingress = { address: `127.0.0.1:${port}`, host: '127.0.0.1', port }
    const invoker = INVOKERS[name]!({ url: `http://127.0.0.1:${port}`, ingress, socket: path })
    t.after(async () => {
      await invoker.close()
      for (const socket of this.connections) socket.destroy()
      for (const server of this.#servers) server.close()
      await rm(folder, { recursive: true })
    })
    return invoker
  }

  async connection(): Promise<net.Socket> {
    while (this.connections.length === 0) await new Promise(setImmediate)
    return this.connections[0]!
  }

  #take(socket: net.Socket): void {
    this.connections.push(socket)
    socket.on('error', () => {})
    socket.on('data', (bytes) => {
      const text = bytes.toString('latin1')
      if (text.includes(' HTTP/1.1\r\n')) this.#answer(socket, text, ++this.requests)
    })
  }
}

/** Unix sockets know no reset. */
export function reset(socket: net.Socket): void {
  if (socket.remoteAddress === undefined) socket.destroy()
  else socket.resetAndDestroy()
}
