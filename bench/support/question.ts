import type { Spread } from '../statistics/spread.ts'

/** How long somebody wants to wait for an answer, and who hears of the progress. */
export interface Effort {
  readonly rounds: number
  /** Of one slice. */
  readonly seconds: number
  readonly told: (line: string) => void
}

/** One question and how it is answered. */
export interface Question {
  /** As typed. */
  readonly name: string
  readonly asks: string
  answer(effort: Effort): Promise<Answer>
}

/** A figure that the rows of an answer have. */
export interface Column {
  readonly title: string
  readonly digits: number
}

export interface Answer {
  readonly name: string
  readonly asks: string
  readonly columns: readonly Column[]
  readonly rows: readonly Row[]
  /** What was left out and why, and what has to be known to read the numbers. */
  readonly notes: readonly string[]
}

export interface Row {
  readonly title: string
  /** In the order of the columns; null where it makes no sense. The first one is drawn. */
  readonly figures: readonly (Spread | null)[]
  /** All that was measured, in the order of time. */
  readonly slices: readonly object[]
}
