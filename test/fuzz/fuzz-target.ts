/** What a run is to do. */
export interface FuzzRun {
  readonly seed: number
  /** Number of the first case; each case depends on the seed and its number alone. Default 0. */
  readonly from?: number
  readonly count: number
  /** Hears about the progress. */
  readonly told?: (line: string) => void
}

export interface FuzzReport {
  readonly cases: number
  /** Inputs that were taken for messages, each compared with what Node made of it. */
  readonly accepted: number
  /** Inputs that were refused, by reason. */
  readonly refused: ReadonlyMap<string, number>
  /** What went wrong, with number and bytes of the case: empty when the promise was kept. */
  readonly failures: readonly string[]
}

/** One part of the gateway that reads bytes of strangers. */
export interface FuzzTarget {
  /** The promise that is put to the test. */
  readonly promise: string
  run(run: FuzzRun): Promise<FuzzReport>
}

/** Failures after which a run ends: more of them say nothing new. */
const MOST_FAILURES = 20

/** Cases that run at the same time. */
const BATCH = 256

/**
 * Runs the cases of a target in batches.
 *
 * @param one Resolves to the reason of a refusal, or to null when the input was taken.
 * @throws From `one`, with a sentence: a broken promise.
 */
export async function runCases(
  { seed, from = 0, count, told = () => {} }: FuzzRun,
  one: (seed: number, number: number) => Promise<string | null>,
): Promise<FuzzReport> {
  const refused = new Map<string, number>()
  const failures: string[] = []
  let accepted = 0
  let cases = 0
  for (let next = from; next < from + count && failures.length < MOST_FAILURES; next += BATCH) {
    const numbers = Array.from({ length: Math.min(BATCH, from + count - next) }, (_, i) => next + i)
    const results = await Promise.allSettled(numbers.map((number) => one(seed, number)))
    for (const [i, result] of results.entries()) {
      if (result.status === 'rejected') failures.push(`case ${numbers[i]}: ${result.reason}`)
      else if (result.value === null) accepted++
      else refused.set(result.value, (refused.get(result.value) ?? 0) + 1)
    }
    cases += numbers.length
    if (cases % (BATCH * 200) === 0) told(`${cases} cases, ${accepted} accepted, ${failures.length} failures`)
  }
  return { cases, accepted, refused, failures }
}
