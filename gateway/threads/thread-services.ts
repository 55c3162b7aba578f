import { performance } from 'node:perf_hooks'
import type { Config } from '../config/schema.ts'
import type { HeaderList } from '../contract/headers.ts'
import type { Log } from '../contract/plugin.ts'
import type { WebSocketEnd } from '../contract/web-socket.ts'
import type { TokenObserver } from '../identity/authenticator.ts'
import type { ActiveCall } from '../invocation/active-call.ts'
import { Deadlines } from '../invocation/deadlines.ts'
import { IdleWatch } from '../invocation/idle-watch.ts'
import { RunningCalls } from '../invocation/running-calls.ts'
import type { Services } from '../invocation/services.ts'
import type { WaitingRoom } from '../invocation/waiting-room.ts'
import { AccessLog } from '../observe/access-log.ts'
import { Lines } from '../observe/lines.ts'
import { createLog } from '../observe/log.ts'
import { serverTiming } from '../observe/server-timing.ts'
import type { ThreadSeries } from '../observe/thread-series.ts'

/** What a thread keeps for all its Snapshots: where calls are counted, logged and watched. */
export class ThreadServices implements Services, TokenObserver {
  readonly log: Log
  readonly calls = new RunningCalls()
  readonly deadlines = new Deadlines(this.calls)
  readonly waitingRoom: WaitingRoom
  readonly #idleWatch = new IdleWatch(this.calls)
  draining = false
  readonly #series: ThreadSeries
  readonly #lines: Lines
  /** Null when the access log is off. */
  #accessLog: AccessLog | null = null

  /**
   * @param thread Name of the thread in its log lines; null to leave it out.
   * @param pretty Lines for a terminal instead of JSON.
   */
  constructor(
    config: Config,
    series: ThreadSeries,
    waitingRoom: WaitingRoom,
    thread: string | null,
    pretty: boolean,
  ) {
    this.#series = series
    this.waitingRoom = waitingRoom
    this.#lines = new Lines({
      pretty,
      dropped: (lines) => {
        for (let i = 0; i < lines; i++) series.count('logLinesDropped')
      },
    })
    this.log = createLog(this.#lines, { level: config.gateway.logLevel, thread })
    this.configure(config)
  }

  /** Takes what a new configuration says of the access log. */
  configure({ gateway }: Config): void {
    const { enabled, sample } = gateway.accessLog
    this.#accessLog = enabled ? new AccessLog(this.#lines, sample) : null
  }

  enter(call: ActiveCall): void {
    this.calls.add(call)
    this.#series.add('inFlight', 1)
  }

  leave(call: ActiveCall): void {
    this.calls.remove(call)
    this.#series.add('inFlight', -1)
    const now = performance.now()
    const accessedAt = call.accessedAt || now
    const accessMs = accessedAt - call.startedAt
    const { waitedMs } = call
    const upstreamMs = call.attempts === 0 ? 0 : (call.headAt || now) - accessedAt - waitedMs
    const totalMs = now - call.startedAt
    // How long a WebSocket was open says nothing about how fast it was answered.
    const answeredMs = call.webSocket === null ? totalMs : call.headAt - call.startedAt
    const { bytesIn } = call.exchange
    const deployment = call.attempt?.deployment ?? null
    const { series } = call.route
    series.record(
      deployment?.index ?? -1,
      call.outcome,
      call.status,
      accessMs,
      upstreamMs,
      answeredMs,
      bytesIn,
      call.bytesOut,
      waitedMs,
    )
    if (call.code !== null) this.#series.refused(call.code)
    this.#accessLog?.write(call, deployment?.backend ?? null, bytesIn, accessMs, upstreamMs, totalMs)
  }

  coldStart(): void {
    this.#series.count('coldStarts')
  }

  hedged(): void {
    this.#series.count('hedges')
  }

  hedgeWon(): void {
    this.#series.count('hedgesWon')
  }

  webSocketOpened(): void {
    this.#series.add('webSockets', 1)
    this.#series.count('webSocketsOpened')
  }

  webSocketEnded(end: WebSocketEnd, bytesIn: number, bytesOut: number): void {
    this.#series.add('webSockets', -1)
    this.#series.count('webSocketBytesIn', bytesIn)
    this.#series.count('webSocketBytesOut', bytesOut)
    this.#series.webSocketEnded(end)
  }

  addTiming(call: ActiveCall, headers: HeaderList): void {
    const backend = call.attempt?.deployment.backend
    if (backend !== undefined) headers.add('dispatch-backend', backend)
    headers.add(
      'server-timing',
      serverTiming(
        call.accessedAt - call.startedAt,
        call.headAt - call.accessedAt - call.waitedMs,
        call.waitedMs,
      ),
    )
  }

  tokenKnown(): void {
    this.#series.count('tokenCacheHits')
  }

  tokenVerified(): void {
    this.#series.count('tokenCacheMisses')
  }

  /** Writes out what is left of the log. */
  async close(): Promise<void> {
    this.#idleWatch.close()
    this.deadlines.close()
    this.waitingRoom.close()
    await this.#lines.close()
  }
}
