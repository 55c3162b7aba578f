import { LRUCache } from 'lru-cache'
import type { Sink, UpgradeSink } from '../../contract/sink.ts'
import type {
  Transport,
  TransportOptions,
  UpgradeRequest,
  UpstreamRequest,
} from '../../contract/transport.ts'
import { createUndiciTransport } from '../undici.ts'
import { describe } from '../upstream-failure.ts'
import { BodySender } from './body-sender.ts'
import { createDialer } from './dialer.ts'
import { Pool } from './pool.ts'
import { keepsConnection, requestHead, streamLength } from './request-head.ts'
import { WireCall } from './wire-call.ts'

/** Origins kept open at once. A function of a local runtime has one of its own, so this bounds how many stay warm. */
const MOST_ORIGINS = 2048

/**
 * The fast way out: HTTP/1.1 on sockets, with bounded pools, verified TLS and no time-outs of its own besides that of
 * connecting (the caller aborts).
 */
export function createWireTransport(options: TransportOptions = {}): Transport {
  return new WireTransport(options)
}

class WireTransport implements Transport {
  readonly #options: TransportOptions
  readonly #pools: LRUCache<string, Pool>
  /** Nearly every backend has one origin. */
  #lastOrigin = ''
  #lastPool: Pool | null = null
  /** WebSockets are opened once and stay: nothing is to be gained there. Made for the first. */
  #upgrades: Transport | null = null
  #closed = false

  constructor(options: TransportOptions) {
    this.#options = options
    this.#pools = new LRUCache({ max: MOST_ORIGINS, dispose: (pool) => void pool.close() })
  }

  send(request: UpstreamRequest, sink: Sink): void {
    const call = new WireCall(request, sink)
    const { body } = request
    const streamed = body !== null && !Buffer.isBuffer(body)
    if (streamed) call.sender = new BodySender(call, body, streamLength(request))
    sink.start(call)
    if (call.over) return
    if (this.#closed) {
      call.fail('unreachable', 'the transport is closed')
      return
    }
    try {
      const pool = request.origin === this.#lastOrigin ? this.#lastPool! : this.#poolOf(request.origin)
      call.head = requestHead(request, pool.authority)
      call.keepsConnection = keepsConnection(request)
      pool.send(call)
    } catch (error) {
      call.fail('driver-error', describe(error))
    }
  }

  upgrade(request: UpgradeRequest, sink: UpgradeSink): void {
    this.#upgrades ??= createUndiciTransport(this.#options)
    this.#upgrades.upgrade(request, sink)
  }

  async close(): Promise<void> {
    this.#closed = true
    await Promise.all([...this.#pools.values()].map((pool) => pool.close()))
    await this.#upgrades?.close()
  }

  /** @throws Error When there is no way to such an origin. */
  #poolOf(origin: string): Pool {
    let pool = this.#pools.get(origin)
    if (pool === undefined) {
      const { connections = 128, connectTimeoutMs = 3000, keepAliveMs = 4000 } = this.#options
      pool = new Pool(createDialer(origin, this.#options), { connections, connectTimeoutMs, keepAliveMs })
      this.#pools.set(origin, pool)
    }
    this.#lastOrigin = origin
    this.#lastPool = pool
    return pool
  }
}
