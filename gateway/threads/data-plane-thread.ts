import { Worker } from 'node:worker_threads'
import type { Log } from '../contract/plugin.ts'
import { describe } from '../transport/upstream-failure.ts'
import type { FromThread, ThreadStart, ToThread } from './messages.ts'

export type ThreadState = 'starting' | 'serving' | 'draining' | 'stopped'

/** What a thread that ended answers to a configuration. */
export const ENDED = 'the thread ended'

/** What the supervisor does with what a thread says. */
export interface ThreadListener {
  retired(thread: number): void
  keysWanted(thread: DataPlaneThread, id: number, issuer: string, keyId: string | null): void
  /** The thread ended without being asked to. */
  died(thread: DataPlaneThread): void
}

/** One data-plane thread as the main thread sees it. */
export class DataPlaneThread {
  readonly index: number
  readonly log: Log
  state: ThreadState = 'starting'
  /** Configuration that it serves; 0 before the first. */
  generation = 0
  /** Configurations that it serves, or that its calls still use. */
  readonly held = new Set<number>()
  /** The thread that took its place, once it has ended; rejects when none will. */
  readonly successor = Promise.withResolvers<DataPlaneThread>()
  ports: { readonly http: number | null; readonly https: number | null } = { http: null, https: null }
  readonly #worker: Worker
  readonly #listener: ThreadListener
  readonly #listening = Promise.withResolvers<void>()
  readonly #stopped = Promise.withResolvers<number>()
  /** What ended it, if it told. */
  #fault = ''
  #answers = new Map<number, PromiseWithResolvers<string | null>>()

  constructor(entry: URL, start: ThreadStart, listener: ThreadListener, log: Log) {
    this.index = start.thread
    this.log = log
    this.#listener = listener
    this.#listening.promise.catch(() => {})
    this.successor.promise.catch(() => {})
    this.held.add(start.first.generation)
    this.#worker = new Worker(entry, { workerData: start, name: `dispatch-${start.thread}` })
    this.#worker.on('message', (message: FromThread) => this.#hear(message))
    this.#worker.on('error', (error) => {
      this.#fault = `: ${describe(error)}`
      log.error({ thread: this.index, err: error }, 'a data-plane thread failed')
    })
    this.#worker.on('exit', () => this.#exited())
  }

  /** Resolves when the thread accepts calls; rejects with its own sentence when it cannot. */
  get listening(): Promise<void> {
    return this.#listening.promise
  }

  /** Resolves with the number of calls that were cut, when the thread has ended; 1 when it never told. */
  get stopped(): Promise<number> {
    return this.#stopped.promise
  }

  post(message: ToThread): void {
    this.#worker.postMessage(message)
  }

  /** Has the thread serve a configuration. Resolves with null when it does, else with the reason, which may be ENDED. */
  serve(message: Extract<ToThread, { kind: 'serve' }>): Promise<string | null> {
    if (this.state === 'stopped') return Promise.resolve(ENDED)
    const answer = Promise.withResolvers<string | null>()
    this.#answers.set(message.generation, answer)
    this.held.add(message.generation)
    this.post(message)
    return answer.promise
  }

  /** Ends the thread at once, also one that is stuck in a loop. */
  async terminate(): Promise<void> {
    await this.#worker.terminate()
  }

  #hear(message: FromThread): void {
    switch (message.kind) {
      case 'listening':
        this.ports = { http: message.httpPort, https: message.httpsPort }
        return
      case 'failed':
        this.#listening.reject(new Error(message.message))
        return
      case 'serving':
        this.generation = message.generation
        if (this.state === 'starting') this.state = 'serving'
        this.#listening.resolve()
        this.#answer(message.generation, null)
        return
      case 'refused':
        this.held.delete(message.generation)
        this.#answer(message.generation, message.message)
        return
      case 'retired':
        this.held.delete(message.generation)
        this.#listener.retired(this.index)
        return
      case 'keys-wanted':
        this.#listener.keysWanted(this, message.id, message.issuer, message.keyId)
        return
      case 'drained':
        this.state = 'stopped'
        this.#stopped.resolve(message.cut)
        void this.terminate()
    }
  }

  #answer(generation: number, refusal: string | null): void {
    this.#answers.get(generation)?.resolve(refusal)
    this.#answers.delete(generation)
  }

  #exited(): void {
    this.held.clear()
    this.#listening.reject(new Error(`the thread ended while it started${this.#fault}`))
    for (const answer of this.#answers.values()) answer.resolve(ENDED)
    this.#answers = new Map()
    if (this.state === 'stopped') {
      this.successor.reject(new Error(ENDED))
      return
    }
    // Whatever it had to finish is lost with it.
    this.#stopped.resolve(this.generation === 0 ? 0 : 1)
    this.state = 'stopped'
    this.#listener.died(this)
  }
}
