import type { TObject } from 'typebox'
import type { Call, CallSummary } from './call.ts'
import type { ErrorCode } from './errors.ts'
import type { HeaderList } from './headers.ts'
import type { Rejection, Reply, Verdict } from './rejection.ts'

/**
 * A plugin is one file that exports one of these as `plugin`. Bound to a Route with options it is a Policy:
 * `create` runs once per Policy, at load, on every thread.
 */
export interface PluginDefinition<Options = unknown> {
  /** Lower-case kebab; the key under `plugins:` in the configuration. */
  readonly name: string
  readonly status: 'stable' | 'beta' | 'experimental'
  /** One sentence for the reference page. */
  readonly description: string
  /** Validates, fills defaults and documents. Unknown keys are refused. */
  readonly options: TObject
  /**
   * Throws a plain Error with a sentence for the operator when the options make no sense together;
   * the configuration is then refused with that sentence.
   */
  create(options: Options, host: PluginHost): Plugin
}

/** What a plugin may use of the gateway. */
export interface PluginHost {
  /**
   * Memory shared by all threads, the same for each instance of this Policy and kept over reloads:
   * use Atomics. Begins as zeros.
   * @param name Names the memory within the Policy.
   * @param words Number of 32-bit words.
   */
  shared(name: string, words: number): Int32Array
  /**
   * Counts of what calls hold at once, by key, for the same instances as `shared`. Exact over all threads; a call gives
   * back by itself when it is over, and a thread that dies gives back all.
   *
   * @param name Names the counts within the Policy.
   * @param keys Keys that may be held at the same time; beyond it newcomers may be refused.
   */
  held(name: string, keys: number): HeldByCalls
  readonly log: Log
  /**
   * Makes a refusal, once, at load. A plugin from outside needs nothing of the gateway's code this way.
   *
   * @param detail Tells the caller what was wrong; never a secret.
   * @param headers Lower-case name and value in turn.
   */
  reject(code: ErrorCode, detail?: string, headers?: readonly string[]): Rejection
  /** Makes a complete answer of the plugin's own. Headers as for `reject`. */
  reply(status: number, headers: readonly string[], body?: string): Reply
}

/** What calls hold at once, by key. */
export interface HeldByCalls {
  /**
   * Has the call hold one of the key until it is over, unless `limit` are held.
   *
   * @param low With `high` a hash of the key that is the same on all threads, and that callers cannot choose.
   */
  tryHold(call: Call, low: number, high: number, limit: number): boolean
  /** How many are held at this moment. */
  held(low: number, high: number): number
}

export interface Log {
  info(fields: object, message: string): void
  warn(fields: object, message: string): void
  error(fields: object, message: string): void
}

/** The phases of one Policy. All are optional; an unused one costs a null check. */
export interface Plugin {
  /**
   * The precheck answers OPTIONS, a CORS preflight for example, also on a Route that does not take that method. Such a
   * call runs prechecks only, and is refused with 405 when none replies. Default false.
   */
  readonly answersOptions?: boolean
  /** Before authentication, for what needs no identity: addresses, preflights. Never waits. */
  precheck?(call: Call): Exclude<Verdict, Promise<unknown>>
  /** After authentication and authorization, before placement. */
  access?(call: Call): Verdict
  /** When the head of the answer is there, the gateway's own errors included. May edit the headers. Never waits. */
  headerFilter?(call: Call, status: number, headers: HeaderList): void
  /** After the last byte. Must not throw. */
  log?(call: Call, summary: CallSummary): void
  close?(): void
}
