import { setTimeout as pause } from 'node:timers/promises'
import { type Child, startChild } from './child.ts'
import { type Load, measure, type Slice } from './load.ts'
import { type Program, UPSTREAM } from './program.ts'

/** A program and what is asked of it. */
export interface Contender {
  readonly program: Program
  readonly load: Load
}

/** Programs that run side by side and are loaded in turn. */
export class Contest {
  readonly #upstream: Child
  readonly #running: readonly Running[]
  #round = 0

  private constructor(upstream: Child, running: readonly Running[]) {
    this.#upstream = upstream
    this.#running = running
  }

  /**
   * Starts the programs, and loads each until its code is compiled.
   *
   * @param told Hears about the progress.
   */
  static async open(
    contenders: readonly Contender[],
    warmUpSeconds: number,
    told: (line: string) => void,
  ): Promise<Contest> {
    const upstream = await startChild(UPSTREAM, '')
    const running: Running[] = []
    const contest = new Contest(upstream, running)
    try {
      for (const { program, load } of contenders) {
        told(`warming up ${program.name}`)
        running.push({ child: await startChild(program, upstream.url), load })
        await measure(running.at(-1)!.child, load, warmUpSeconds)
      }
    } catch (error) {
      await contest.close()
      throw error
    }
    return contest
  }

  /**
   * A slice of each, side by side in time; every second round runs backwards, so that a machine that gets slower is fair
   * to all.
   *
   * @returns In the order of the contenders.
   */
  async round(seconds: number): Promise<Slice[]> {
    const slices = new Array<Slice>(this.#running.length)
    const backwards = this.#round++ % 2 === 1
    for (let i = 0; i < slices.length; i++) {
      const at = backwards ? slices.length - 1 - i : i
      const { child, load } = this.#running[at]!
      slices[at] = await measure(child, load, seconds)
      await pause(SETTLE_MS)
    }
    return slices
  }

  async close(): Promise<void> {
    await Promise.all(
      [...this.#running.map(({ child }) => child), this.#upstream].map((child) => child.stop()),
    )
  }
}

interface Running {
  readonly child: Child
  readonly load: Load
}

/** In which connections of the slice before are closed on both sides. */
const SETTLE_MS = 5
