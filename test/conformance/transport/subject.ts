import assert from 'node:assert/strict'
import type { Transport, TransportOptions } from '../../../gateway/contract/transport.ts'
import type { OpenTransport } from '../../../gateway/transport/open-transport.ts'
import type { Cleanup } from '../../e2e/gateway.ts'
import { type Asked, type Collector, send } from './collector.ts'

/** One transport under test, within one test. */
export class Subject implements Cleanup {
  readonly #open: OpenTransport
  readonly #t: Cleanup
  readonly #sinks: Collector[] = []
  #transport: Transport | null = null

  constructor(open: OpenTransport, t: Cleanup) {
    this.#open = open
    this.#t = t
  }

  after(end: () => unknown): void {
    this.#t.after(end)
  }

  /** The transport with the options of this test; the default ones unless given. */
  open(options: TransportOptions = {}): Transport {
    const transport = this.#open(options)
    this.#transport = transport
    this.#t.after(() => transport.close())
    return transport
  }

  send(origin: string, asked?: Asked): Collector {
    const sink = send(this.#transport ?? this.open(), origin, asked)
    this.#sinks.push(sink)
    return sink
  }

  /** Sends, and waits until it is over. */
  async ask(origin: string, asked?: Asked): Promise<Collector> {
    const sink = this.send(origin, asked)
    await sink.over
    return sink
  }

  /** Holds the transport to the contract in all that was sent, and ends what still runs. */
  settle(): void {
    for (const sink of this.#sinks) {
      assert.deepEqual(sink.offences, [])
      if (sink.outcome === 'none') sink.flow?.abort()
    }
  }
}

/** A promise of every transport. */
export type Case = (subject: Subject) => Promise<void>
