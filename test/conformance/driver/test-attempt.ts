import assert from 'node:assert/strict'
import { type Duplex, Readable } from 'node:stream'
import type { Call } from '../../../gateway/contract/call.ts'
import type { DeploymentFacts, Invocation, Invoker } from '../../../gateway/contract/driver.ts'
import { HeaderList } from '../../../gateway/contract/headers.ts'
import type { Outcome } from '../../../gateway/contract/outcome.ts'
import type { Flow, UpgradeSink } from '../../../gateway/contract/sink.ts'
import type { Body } from '../../../gateway/contract/transport.ts'

/** What is asked of a function. */
export interface Asked {
  readonly method?: string
  readonly path: string
  readonly headers?: readonly string[]
  readonly body?: Body
  /** Declared length of a stream; unknown when left out. */
  readonly bodyLength?: number
  readonly callId?: string
}

/** How long anything may take; only ever waited for when it does not come. */
const PATIENCE_MS = 10_000

/** One attempt as the pipeline makes it: holds the driver to the contract of Sink while it collects the answer. */
export class TestAttempt implements Invocation, UpgradeSink {
  readonly call: Call
  readonly deployment: DeploymentFacts
  readonly attempt = 1
  readonly method: string
  readonly path: string
  readonly headers: HeaderList
  readonly body: Body
  readonly bodyLength: number

  flow: Flow | null = null
  status = 0
  answerHeaders = new HeaderList()
  readonly chunks: Buffer[] = []
  received = 0
  /** Of the WebSocket, once it is open. */
  connection: Duplex | null = null
  /** `answered` after a whole answer. */
  outcome: Outcome | null = null
  detail = ''
  retryAfterMs = 0
  /** Called with each piece, for example to pause. */
  onData: (() => void) | null = null
  #aborted = false
  readonly #changes = new Set<() => void>()
  /** What the driver did against the contract. */
  readonly offences: string[] = []

  constructor(deployment: DeploymentFacts, asked: Asked) {
    const { method = 'GET', path, headers = [], body = null, bodyLength, callId = 'call-1' } = asked
    this.deployment = deployment
    this.method = method
    this.path = path
    this.headers = new HeaderList(['host', 'api.example.com', 'x-forwarded-for', '192.0.2.7', ...headers])
    this.body = body
    this.bodyLength = Buffer.isBuffer(body) ? body.length : body === null ? 0 : (bodyLength ?? -1)
    this.call = callFor(this, callId)
  }

  remainingMs(): number {
    return PATIENCE_MS
  }

  /** Hands itself to the driver. */
  run(invoker: Invoker): this {
    invoker.invoke(this, this)
    assert.notEqual(this.flow, null, 'start comes before invoke returns')
    return this
  }

  /** Hands itself to the driver as one that asks for a WebSocket. */
  upgrade(invoker: Invoker): this {
    invoker.upgrade!(this, this)
    assert.notEqual(this.flow, null, 'start comes before upgrade returns')
    return this
  }

  upgraded(connection: Duplex, headers: HeaderList): void {
    this.#expectOpen('upgraded')
    if (this.status !== 0) this.offences.push('upgraded came after head')
    this.status = 101
    this.answerHeaders = headers
    this.connection = connection
    this.#changed()
  }

  start(flow: Flow): void {
    if (this.flow !== null) this.offences.push('start came twice')
    this.flow = flow
  }

  head(status: number, headers: HeaderList): void {
    this.#expectOpen('head')
    if (status < 200) this.offences.push(`head with ${status}`)
    if (this.status !== 0) this.offences.push('head came twice')
    this.status = status
    this.answerHeaders = headers
    this.#changed()
  }

  data(chunk: Buffer): void {
    this.#expectOpen('data')
    if (this.status === 0) this.offences.push('data came before head')
    this.chunks.push(chunk)
    this.received += chunk.length
    this.onData?.()
    this.#changed()
  }

  end(): void {
    this.#expectOpen('end')
    if (this.status === 0) this.offences.push('end came before head')
    this.outcome = 'answered'
    this.#changed()
  }

  fail(outcome: Outcome, detail: string, retryAfterMs = 0): void {
    this.#expectOpen('fail')
    this.retryAfterMs = retryAfterMs
    if (outcome === 'answered') this.offences.push('fail with answered')
    this.outcome = outcome
    this.detail = detail
    this.#changed()
  }

  /** Leaves, as a client or a deadline does. */
  abort(): void {
    this.#aborted = true
    this.flow?.abort()
    if (this.body instanceof Readable) this.body.destroy()
  }

  get bytes(): Buffer {
    return Buffer.concat(this.chunks)
  }

  get text(): string {
    return this.bytes.toString()
  }

  /** Waits for a condition that changes with the answer. */
  async until(condition: (attempt: this) => boolean, what: string): Promise<this> {
    if (!condition(this)) {
      await new Promise<void>((resolve, reject) => {
        const timer = setTimeout(
          () => reject(new Error(`${what} did not come: ${this.summary()}`)),
          PATIENCE_MS,
        )
        const look = () => {
          if (!condition(this)) return
          clearTimeout(timer)
          this.#changes.delete(look)
          resolve()
        }
        this.#changes.add(look)
      })
    }
    return this
  }

  over(): Promise<this> {
    return this.until(({ outcome }) => outcome !== null, 'the end')
  }

  summary(): string {
    return `${this.status} ${this.outcome} ${this.detail} ${this.received} bytes`
  }

  #expectOpen(push: string): void {
    if (this.flow === null) this.offences.push(`${push} came before start`)
    if (this.outcome !== null) this.offences.push(`${push} came after ${this.outcome}`)
    if (this.#aborted) this.offences.push(`${push} came after abort`)
  }

  #changed(): void {
    for (const look of [...this.#changes]) look()
  }
}

function callFor(attempt: TestAttempt, id: string): Call {
  const [path = '/', query] = attempt.path.split('?')
  return {
    id,
    method: attempt.method,
    host: 'api.example.com',
    path,
    query: query === undefined ? '' : `?${query}`,
    secure: true,
    clientAddress: '192.0.2.7',
    rawHeaders: [],
    requestHeaders: attempt.headers,
    bodyLength: attempt.bodyLength,
    principal: null,
    route: { name: 'ANY /', organization: 'default', functionName: attempt.deployment.functionName },
    header: () => null,
    limitBody: () => {},
    keep: () => {},
  }
}
