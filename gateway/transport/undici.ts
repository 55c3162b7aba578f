import { isIP } from 'node:net'
import { checkServerIdentity, type PeerCertificate } from 'node:tls'
import { LRUCache } from 'lru-cache'
import { buildConnector, type Dispatcher, Pool } from 'undici'
import { verifiedTls } from '../contract/certificates.ts'
import type { Sink, UpgradeSink } from '../contract/sink.ts'
import type { Transport, TransportOptions, UpgradeRequest, UpstreamRequest } from '../contract/transport.ts'
import { newKey, protocolsOf } from './handshake.ts'
import { UndiciAnswer } from './undici-answer.ts'
import { UndiciUpgrade } from './undici-upgrade.ts'

/** Origins kept open at once. A function of a local runtime has one of its own, so this bounds how many stay warm. */
const MAX_ORIGINS = 2048

/** Head of an answer may have this many bytes; Node's own default, said aloud. */
const MAX_ANSWER_HEAD_BYTES = 65_536

interface Origin {
  readonly pool: Pool
  /**
   * Name for SNI, given with each request: undici would otherwise take it from the Host header, which the client
   * chose, and open a new connection whenever it changes.
   */
  readonly serverName: string
}

/** The standard way out: undici with bounded pools, verified TLS and no time-outs of its own (the caller aborts). */
export function createUndiciTransport(options: TransportOptions = {}): Transport {
  const origins = new LRUCache<string, Origin>({
    max: MAX_ORIGINS,
    dispose: ({ pool }) => {
      void pool.close()
    },
  })

  const open = (origin: string): Origin => {
    const opened = openOrigin(origin, options)
    origins.set(origin, opened)
    return opened
  }

  return {
    send(request: UpstreamRequest, sink: Sink): void {
      const answer = new UndiciAnswer(sink)
      sink.start(answer)
      const { pool, serverName } = origins.get(request.origin) ?? open(request.origin)
      const { method, path, headers, body, bodyLength } = request
      if (bodyLength >= 0 && body !== null && !Buffer.isBuffer(body))
        headers.push('content-length', String(bodyLength))
      pool.dispatch(
        {
          method: method as Dispatcher.HttpMethod,
          path,
          headers,
          body,
          servername: serverName,
          // Nothing is pipelined behind it, so nothing has to be held back.
          blocking: false,
        } as Dispatcher.DispatchOptions,
        answer,
      )
    },

    upgrade({ origin, path, headers }: UpgradeRequest, sink: UpgradeSink): void {
      const key = newKey()
      const answer = new UndiciUpgrade(sink, key, offeredIn(headers))
      sink.start(answer)
      const { pool, serverName } = origins.get(origin) ?? open(origin)
      headers.push('sec-websocket-key', key, 'sec-websocket-version', '13')
      pool.dispatch(
        {
          method: 'GET',
          path,
          headers,
          body: null,
          upgrade: 'websocket',
          servername: serverName,
        } as Dispatcher.DispatchOptions,
        answer,
      )
    },

    async close(): Promise<void> {
      const pools = [...origins.values()].map(({ pool }) => pool.close())
      await Promise.allSettled(pools)
    },
  }
}

function offeredIn(headers: readonly string[]): readonly string[] {
  for (let i = 0; i < headers.length; i += 2) {
    if (headers[i] === 'sec-websocket-protocol') return protocolsOf(headers[i + 1]!) ?? []
  }
  return []
}

/** `unix:/path` speaks plain HTTP over a Unix domain socket. */
function openOrigin(origin: string, options: TransportOptions): Origin {
  const socketPath = origin.startsWith('unix:') ? origin.slice('unix:'.length) : null
  const url = new URL(socketPath === null ? origin : 'http://localhost')
  const hostname = url.hostname.replace(/^\[|\]$/g, '')
  const connect = buildConnector({
    timeout: options.connectTimeoutMs ?? 3000,
    socketPath,
    ...verifiedTls(options),
    // The certificate must be for the host that the configuration names, whatever Host the client sent.
    checkServerIdentity: (_name: string, certificate: PeerCertificate) =>
      checkServerIdentity(hostname, certificate),
  } as buildConnector.BuildOptions)

  const pool = new Pool(url.origin, {
    connections: options.connections ?? 128,
    keepAliveTimeout: options.keepAliveMs ?? 4000,
    headersTimeout: 0,
    bodyTimeout: 0,
    maxHeaderSize: MAX_ANSWER_HEAD_BYTES,
    pipelining: 1,
    connect: (target, done) => {
      const servername = isIP(hostname) === 0 ? hostname : undefined
      const { host, port } = options.connectTo ?? { host: target.hostname, port: target.port }
      connect({ ...target, hostname: host, port: String(port), servername }, done)
    },
  })
  return { pool, serverName: hostname }
}
