import { type Child, startChild } from '../support/child.ts'
import { type Program, UPSTREAM } from '../support/program.ts'
import { Turns } from '../support/turns.ts'
import type { Figure, GuardEffort } from './guarded-run.ts'

/** What every program is asked. */
const PATH = '/route-500/orders?limit=10'

/**
 * Starts all programs and loads them in turn: in blocks of short turns for what is compared with accepted results, which
 * tells small changes, then in long turns for what is held to a budget, since those are for a load that goes on.
 *
 * @returns Of each figure its ratios, in the order of time.
 */
export async function loadStage(figures: readonly Figure[], effort: GuardEffort): Promise<number[][]> {
  const children: Child[] = []
  const turns = new Map<Program, Turns>()
  const ratios = new Map(figures.map((figure): [Figure, number[]] => [figure, []]))
  const compare = async (some: readonly Figure[], times: number, costs: CostsOf): Promise<void> => {
    const programs = programsOf(some)
    const theirs = programs.map((program) => turns.get(program)!)
    for (let i = 0; i < times; i++) {
      const all = await costs(theirs, i)
      const costOf = (program: Program) => all[programs.indexOf(program)]!
      for (const figure of some) ratios.get(figure)!.push(costOf(figure.contender) / costOf(figure.baseline))
    }
  }
  try {
    const upstream = await startChild(UPSTREAM, '')
    children.push(upstream)
    for (const program of programsOf(figures)) {
      const child = await startChild(program, upstream.url)
      children.push(child)
      turns.set(program, await Turns.open(child, PATH))
    }
    await leastCosts([...turns.values()], effort.warmUpRounds, effort.requestsPerTurn)
    const [compared, held] = [figures.filter(isCompared), figures.filter((figure) => !isCompared(figure))]
    await compare(compared, effort.blocksPerStage, (all) =>
      leastCosts(all, effort.roundsPerBlock, effort.requestsPerTurn),
    )
    await compare(held, effort.longRoundsPerStage, (all, round) =>
      leastCosts(all, 1, effort.requestsPerLongTurn, round),
    )
    return figures.map((figure) => ratios.get(figure)!)
  } finally {
    for (const one of turns.values()) one.close()
    await Promise.all(children.map((child) => child.stop()))
  }
}

/** Measures what a request to each of some programs costs, for the `time`th time. */
type CostsOf = (turns: readonly Turns[], time: number) => Promise<number[]>

function programsOf(figures: readonly Figure[]): Program[] {
  return [...new Set(figures.flatMap(({ baseline, contender }) => [baseline, contender]))]
}

function isCompared({ budget }: Figure): boolean {
  return budget === null
}

/**
 * What a request to each program cost in the cheapest of some turns. What others do on the machine makes a turn up to
 * three times dearer, for a tenth of a second or for some, but never cheaper: the cheapest one was hardly disturbed.
 */
async function leastCosts(
  turns: readonly Turns[],
  rounds: number,
  requests: number,
  firstRound = 0,
): Promise<number[]> {
  const least = turns.map(() => Number.POSITIVE_INFINITY)
  for (let round = firstRound; round < firstRound + rounds; round++) {
    for (let i = 0; i < turns.length; i++) {
      // Every second round backwards, so that a machine that gets slower is fair to all.
      const at = round % 2 === 0 ? i : turns.length - 1 - i
      least[at] = Math.min(least[at]!, await turns[at]!.take(requests))
    }
  }
  return least
}
