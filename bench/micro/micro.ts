/** A function of the hot path, ready to be called. */
export interface Micro {
  /** As in `bench/budgets.json`. */
  readonly name: string
  /** Makes what it needs. @returns The function; `i` counts up, and its result is added up so that nothing is left out. */
  prepare(): Promise<(i: number) => number> | ((i: number) => number)
}

export interface MicroResult {
  readonly name: string
  /** Of one call: the least of all rounds, since other work can only make it slower. */
  readonly nanoseconds: number
  /** Of garbage for one call, at most. */
  readonly bytes: number
}

/**
 * Calls a function again and again.
 *
 * @param milliseconds Of each round; the number of calls follows from it. The clock moves in steps of some milliseconds.
 */
export async function measureMicro(
  { name, prepare }: Micro,
  rounds: number,
  milliseconds: number,
): Promise<MicroResult> {
  const run = await prepare()
  let calls = 1000
  for (let took = repeat(run, calls); took < milliseconds / 2; took = repeat(run, calls)) calls *= 2
  let nanoseconds = Number.POSITIVE_INFINITY
  let bytes = Number.POSITIVE_INFINITY
  for (let round = 0; round < rounds; round++) {
    const heapBefore = process.memoryUsage().heapUsed
    const took = repeat(run, calls)
    const grown = process.memoryUsage().heapUsed - heapBefore
    nanoseconds = Math.min(nanoseconds, (took * 1e6) / calls)
    // A collection in between hides what it took away: then the round says nothing.
    if (grown >= 0) bytes = Math.min(bytes, grown / calls)
  }
  return { name, nanoseconds, bytes }
}

/** @returns Milliseconds of this thread's own CPU time: whoever else runs meanwhile is not counted. */
function repeat(run: (i: number) => number, calls: number): number {
  let sum = 0
  const before = process.threadCpuUsage()
  for (let i = 0; i < calls; i++) sum += run(i)
  const { user, system } = process.threadCpuUsage(before)
  if (Number.isNaN(sum)) throw new Error('what is measured answered no number')
  return (user + system) / 1000
}
