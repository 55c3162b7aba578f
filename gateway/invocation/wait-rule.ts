import type { Hint } from '../placement/hint.ts'
import type { Placing } from '../placement/placing.ts'
import type { FunctionTarget } from '../snapshot/function-target.ts'

/** Calls that may always wait while it is not known how long they will. */
const FEW = 4
/** Milliseconds that a call waits at most where its Function does not say. */
const LONGEST_MS = 500
/** Where its Function does not say, a call may always wait so long, however short its like usually take. */
const SHORT_MS = 25

/**
 * Milliseconds that a call may wait; below 0 when it is too late already. It leaves the function half of the whole time.
 *
 * @param deadlineAt Milliseconds since 1970, as is `now`.
 */
export function longestWaitMs(
  { load, timeoutMs, waiting }: FunctionTarget,
  deadlineAt: number,
  now: number,
): number {
  const neededMs = Math.min(load.toHeadMs, timeoutMs / 2)
  return Math.min(waiting.time ?? LONGEST_MS, deadlineAt - now - neededMs)
}

/**
 * Whether a call may wait so long as is predicted. Where the Function does not say how long, as many may wait as run: about
 * as long as one runs. The prediction alone lets in a third more where calls end in batches. A prediction of 0 says that
 * nothing is known.
 *
 * @param position Calls that have their turn before it, and itself.
 * @param inFlight Calls that the Deployments of the Function serve.
 */
export function isBearable(
  predictedMs: number,
  position: number,
  inFlight: number,
  { load, waiting }: FunctionTarget,
): boolean {
  if (waiting.time !== null) return predictedMs <= waiting.time / 2
  if (predictedMs > 0 && predictedMs <= SHORT_MS) return true
  return predictedMs <= Math.min(LONGEST_MS / 2, load.heldMs) && position <= Math.max(FEW, inFlight)
}

/** Not any slot of its Function suits a call: its caller asked for something, or one of the Deployments has just failed it. */
export function isPicky({ hint, lastTried }: Pick<Placing, 'hint' | 'lastTried'>): boolean {
  return hint !== null || lastTried !== null
}

/** Calls of all threads that the Deployments of a Function serve. */
export function inFlightOf({ deployments }: FunctionTarget): number {
  let inFlight = 0
  for (let i = 0; i < deployments.length; i++) inFlight += deployments[i]!.slot.inFlight
  return inFlight
}

/** Milliseconds in which no Deployment of a Function may be called for its pace. */
export function untilTurnMs({ deployments }: FunctionTarget, now: number): number {
  let least = Number.POSITIVE_INFINITY
  for (const { slot } of deployments) least = Math.min(least, slot.pace.untilTurnMs(now))
  return least === Number.POSITIVE_INFINITY ? 0 : least
}

/** The lines of calls with a hint, by their Function or by the Deployment that they fail over from. */
const hinted = new WeakMap<object, WeakMap<Hint, object>>()

/**
 * Calls of one line suit the same slots: when the first has to wait, so have the others. Those that ask for something,
 * and those that one of the Deployments has failed, stand apart, so that one that finds all taken that suits it holds up
 * none that would take another.
 */
export function lineOf(
  { hint, lastTried }: Pick<Placing, 'hint' | 'lastTried'>,
  target: FunctionTarget,
): object {
  const whole = lastTried ?? target
  if (hint === null) return whole
  const lines = hinted.get(whole) ?? new WeakMap<Hint, object>()
  hinted.set(whole, lines)
  const line = lines.get(hint) ?? {}
  lines.set(hint, line)
  return line
}
