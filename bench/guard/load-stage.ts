import { type Child, startChild } from '../support/child.ts'
import { UPSTREAM } from '../support/program.ts'
import { Turns } from '../support/turns.ts'
import type { Figure, GuardEffort } from './guarded-run.ts'

/** What every program is asked. */
const PATH = '/route-500/orders?limit=10'

/**
 * Starts all programs and loads them in turn.
 *
 * @returns Of each figure the ratios of its blocks, in the order of time.
 */
export async function loadStage(figures: readonly Figure[], effort: GuardEffort): Promise<number[][]> {
  const programs = [...new Set(figures.flatMap(({ baseline, contender }) => [baseline, contender]))]
  const children: Child[] = []
  const turns: Turns[] = []
  try {
    const upstream = await startChild(UPSTREAM, '')
    children.push(upstream)
    for (const program of programs) {
      const child = await startChild(program, upstream.url)
      children.push(child)
      turns.push(await Turns.open(child, PATH))
    }
    await leastCosts(turns, effort.warmUpRounds, effort.requestsPerTurn)
    const ratios = figures.map((): number[] => [])
    for (let block = 0; block < effort.blocksPerStage; block++) {
      const costs = await leastCosts(turns, effort.roundsPerBlock, effort.requestsPerTurn)
      figures.forEach(({ contender, baseline }, i) => {
        ratios[i]!.push(costs[programs.indexOf(contender)]! / costs[programs.indexOf(baseline)]!)
      })
    }
    return ratios
  } finally {
    for (const one of turns) one.close()
    await Promise.all(children.map((child) => child.stop()))
  }
}

/**
 * What a request to each program cost in the cheapest of some turns. What others do on the machine makes a turn up to
 * three times dearer, for a tenth of a second or for some, but never cheaper: the cheapest one was hardly disturbed.
 */
async function leastCosts(turns: readonly Turns[], rounds: number, requests: number): Promise<number[]> {
  const least = turns.map(() => Number.POSITIVE_INFINITY)
  for (let round = 0; round < rounds; round++) {
    for (let i = 0; i < turns.length; i++) {
      // Every second round backwards, so that a machine that gets slower is fair to all.
      const at = round % 2 === 0 ? i : turns.length - 1 - i
      least[at] = Math.min(least[at]!, await turns[at]!.take(requests))
    }
  }
  return least
}
