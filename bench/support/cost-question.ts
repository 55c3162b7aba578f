import { spread } from '../statistics/spread.ts'
import { isInstalled } from './installed.ts'
import { type Contender, Contest } from './interleave.ts'
import type { Load, Slice } from './load.ts'
import type { Program } from './program.ts'
import type { Answer, Column, Effort, Question, Row } from './question.ts'

const COLUMNS: readonly Column[] = [
  { title: 'CPU µs/request', digits: 1 },
  { title: 'ratio', digits: 3 },
  { title: 'requests/s', digits: 0 },
  { title: 'p50 ms', digits: 2 },
  { title: 'p99 ms', digits: 2 },
]

const WARM_UP_SECONDS = 2

/** A question about CPU time: programs under a closed loop, in turn. */
export interface CostQuestion {
  readonly name: string
  readonly asks: string
  readonly load: Load
  /** The first is what the others are a ratio to. One with a load of its own is asked that. */
  readonly programs: readonly (Program | Contender)[]
  readonly notes?: readonly string[]
}

export function costQuestion(question: CostQuestion): Question {
  return { name: question.name, asks: question.asks, answer: (effort) => answer(question, effort) }
}

async function answer(question: CostQuestion, { rounds, seconds, told }: Effort): Promise<Answer> {
  const notes = [...(question.notes ?? [])]
  const contenders: Contender[] = []
  for (const one of question.programs) {
    const contender = 'program' in one ? one : { program: one, load: question.load }
    if (isInstalled(contender.program)) contenders.push(contender)
    else notes.push(`${contender.program.name} was left out: it is not installed on this machine.`)
  }
  const contest = await Contest.open(contenders, WARM_UP_SECONDS, told)
  const made: Slice[][] = []
  try {
    for (let round = 1; round <= rounds; round++) {
      made.push(await contest.round(seconds))
      told(`${question.name}: round ${round} of ${rounds}`)
    }
  } finally {
    await contest.close()
  }
  const { name, asks } = question
  const rows = contenders.map(({ program }, at) => rowOf(program.name, made, at))
  return { name, asks, columns: COLUMNS, rows, notes }
}

function rowOf(title: string, rounds: readonly Slice[][], at: number): Row {
  const slices = rounds.map((round) => round[at]!)
  const ratios = rounds.map(
    (round) => round[at]!.cpuMicrosecondsPerRequest / round[0]!.cpuMicrosecondsPerRequest,
  )
  return {
    title,
    figures: [
      spread(slices.map(({ cpuMicrosecondsPerRequest }) => cpuMicrosecondsPerRequest)),
      at === 0 ? null : spread(ratios),
      spread(slices.map(({ requestsPerSecond }) => requestsPerSecond)),
      spread(slices.map(({ p50Ms }) => p50Ms)),
      spread(slices.map(({ p99Ms }) => p99Ms)),
    ],
    slices,
  }
}
