import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { startTestGateway, type TestGateway } from './gateway.ts'
import type { RawAnswer } from './raw-client.ts'
import { type Answer, type SeenRequest, startUpstream, type Upstream } from './upstream.ts'
import { Wire } from './wire.ts'

/** What came of bytes that were sent on a connection of their own. */
export interface Sent {
  /** Answers in order, without interim ones. */
  readonly answers: readonly RawAnswer[]
  /** Status of each answer. */
  readonly statuses: readonly number[]
  /** The server ended the connection. */
  readonly closed: boolean
  /** Requests that arrived whole at the upstream because of these bytes. */
  readonly seen: readonly SeenRequest[]
  readonly raw: Buffer
}

export interface SendOptions {
  /** Answers to wait for; the end of the connection always ends the wait. Default 1. */
  readonly answers?: number
  /** Ends our side after the last byte. */
  readonly halfClose?: boolean
  /** Stop waiting after this. Default 3000. */
  readonly timeoutMs?: number
}

export interface EdgeOptions {
  /** Keys of `gateway`, besides those of the harness. */
  readonly gateway?: Record<string, unknown>
  /** Further keys of the configuration. Backends, functions and routes are added to those of the harness. */
  readonly config?: (upstream: Upstream) => Record<string, unknown> & {
    readonly backends?: Record<string, unknown>
    readonly functions?: Record<string, unknown>
    readonly routes?: readonly unknown[]
  }
  /** What the upstream answers. Default: 200 and `hello`. */
  readonly answer?: Answer
  /** Hosts of which every path leads to the upstream by the function `recorder`; none for any host. */
  readonly hosts?: readonly string[]
  /** Why nothing is tested; false when it is. Default false. */
  readonly skip?: string | false
}

const ALIVE = '/is-the-gateway-alive'

/**
 * One gateway in front of one recording upstream for all tests of a file. Whatever a test does, the gateway has to be
 * alive afterwards: a valid request on a new connection answers 200, and no error reached nobody.
 */
export class Edge {
  readonly #options: EdgeOptions
  readonly #ends: (() => unknown)[] = []
  #started: Promise<void> | null = null
  #gateway: TestGateway | null = null
  #upstream: Upstream | null = null
  /** Requests at the upstream that belong to a test, those that asked for life included. */
  #explained = 0

  constructor(options: EdgeOptions = {}) {
    this.#options = options
    after(async () => {
      for (const end of this.#ends.toReversed()) await end()
    })
  }

  get gateway(): TestGateway {
    return this.#gateway!
  }

  get upstream(): Upstream {
    return this.#upstream!
  }

  get port(): number {
    return this.gateway.port
  }

  /** A test that ends with the proof of life. */
  test(name: string, body: () => Promise<void>): void {
    test(name, { skip: this.#options.skip ?? false }, async () => {
      this.#started ??= this.#start()
      await this.#started
      this.#refuseLate()
      await body()
      await this.alive()
      assert.equal(await this.unhandled(), 0, 'an error reached nobody')
    })
  }

  /** Writes bytes on a new connection, waits for what comes back, and proves that the gateway serves on. */
  async send(bytes: string | Buffer, options: SendOptions = {}): Promise<Sent> {
    const wire = new Wire(this.port, /^HEAD /.test(bytes.toString('latin1', 0, 5)))
    wire.write(bytes)
    if (options.halfClose === true) wire.end()
    await wire.until(options.answers ?? 1, options.timeoutMs ?? 3000)
    // The connection stays open meanwhile: closing it could hide a request that is on its way to the upstream.
    await this.alive()
    const { answers, closed, received: raw } = wire
    wire.destroy()
    return { answers, statuses: answers.map(({ status }) => status), closed, seen: await this.seen(), raw }
  }

  /** Requests that reached the upstream whole since this was asked last. */
  async seen(): Promise<SeenRequest[]> {
    const { upstream } = this
    await until(() => upstream.heads === upstream.seen.length + upstream.aborted)
    const fresh = upstream.seen.slice(this.#explained)
    this.#explained = upstream.seen.length
    return fresh.filter(({ target }) => target !== ALIVE)
  }

  /** A valid request on a new connection answers 200. */
  async alive(): Promise<void> {
    const wire = new Wire(this.port)
    wire.write(`GET ${ALIVE} HTTP/1.1\r\nHost: alive.test\r\nConnection: close\r\n\r\n`)
    await wire.until(1, 5000)
    wire.destroy()
    assert.equal(wire.answers[0]?.status, 200, 'the gateway does not answer a valid request')
  }

  /** Errors that reached nobody, over all threads. */
  async unhandled(): Promise<number> {
    return this.metric(/^\w*unhandled_rejections_total /)
  }

  /** Sum of the series of the metrics page whose lines match. */
  async metric(series: RegExp): Promise<number> {
    const response = await fetch(`${this.gateway.management}/metrics`)
    const lines = (await response.text()).split('\n').filter((line) => series.test(line))
    return lines.reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' '))), 0)
  }

  /** Nothing may reach the upstream after the test that caused it. */
  #refuseLate(): void {
    const late = this.upstream.seen.slice(this.#explained).filter(({ target }) => target !== ALIVE)
    this.#explained = this.upstream.seen.length
    assert.deepEqual(late, [], 'a request of an earlier test reached the upstream late')
  }

  async #start(): Promise<void> {
    const { gateway, answer, hosts = [] } = this.#options
    const cleanup = { after: (end: () => unknown) => this.#ends.push(end) }
    const upstream = await startUpstream(cleanup, answer)
    const config = this.#options.config?.(upstream) ?? {}
    this.#upstream = upstream
    this.#gateway = await startTestGateway(cleanup, {
      ...config,
      gateway: { timeouts: { head: '500ms', body: '700ms', keepAlive: '5s' }, ...gateway },
      backends: { upstream: { driver: 'http', url: upstream.url, preserveHost: true }, ...config.backends },
      functions: { recorder: { deployments: ['upstream'], timeout: '5s' }, ...config.functions },
      routes: [
        { path: ALIVE, methods: ['GET'], function: 'recorder', auth: 'none' },
        { path: '/*', hosts, function: 'recorder', auth: 'none' },
        ...(config.routes ?? []),
      ],
    })
  }
}

/** Resolves when something has become true. @throws When it does not within five seconds. */
export async function until(isTrue: () => boolean | Promise<boolean>): Promise<void> {
  for (let i = 0; !(await isTrue()); i++) {
    if (i === 1000) throw new Error(`never true: ${isTrue}`)
    await pause(5)
  }
}

/** The bytes were refused: one answer of the given statuses at most, and nothing whole upstream. */
export function assertRefused(sent: Sent, statuses: readonly number[], message?: string): void {
  assert.deepEqual(targets(sent), [], message ?? 'a refused request reached the upstream')
  if (sent.answers.length === 0 && sent.closed) return
  assert.equal(sent.answers.length, 1, message ?? `answers: ${sent.raw.toString('latin1')}`)
  const [status] = sent.statuses
  assert.ok(
    statuses.includes(status!),
    `${message ?? 'status'}: ${status}, expected ${statuses.join(' or ')}`,
  )
}

/** Method and target of what arrived at the upstream. */
export function targets({ seen }: Pick<Sent, 'seen'>): string[] {
  return seen.map(({ method, target }) => `${method} ${target}`)
}

/** The same, and the connection ended: whatever follows on it is not read as a request. */
export function assertRefusedAndClosed(sent: Sent, statuses: readonly number[], message?: string): void {
  assertRefused(sent, statuses, message)
  assert.ok(sent.closed, message ?? 'the connection stayed open')
}

/** A request as text: the lines of its head, an empty line, the body. */
export function message(lines: readonly string[], body = ''): string {
  return `${lines.join('\r\n')}\r\n\r\n${body}`
}
