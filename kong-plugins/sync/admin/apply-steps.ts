import { isList, isRecord } from '../canonical.ts'
import type { Fields, Json } from '../entities.ts'
import { KongError } from '../kong-error.ts'
import type { ApplyResult, ApplyWatch, Step, StepFailure } from '../target.ts'

/** Writes at once; Kong's Admin API is one process per core, and others use it too. */
const AT_ONCE = 8

/**
 * Does steps in their order: those of one kind and direction together, the next when all of them are done. A step that
 * fails for its own reasons stops nothing but what needs it; a Kong that is gone stops all.
 */
export async function applySteps(
  steps: readonly Step[],
  write: (step: Step) => Promise<void>,
  watch: ApplyWatch,
): Promise<ApplyResult> {
  const run = new Run(write, watch)
  for (const group of groupsOf(steps)) {
    await run.do(group)
    if (run.stopped !== null) break
  }
  return { writes: run.writes, failures: run.failures, stopped: run.stopped }
}

class Run {
  writes = 0
  stopped: ApplyResult['stopped'] = null
  readonly failures: StepFailure[] = []
  /** Failures of what could not be created, by its id. */
  readonly #missing = new Map<string, StepFailure>()
  readonly #write: (step: Step) => Promise<void>
  readonly #watch: ApplyWatch

  constructor(write: (step: Step) => Promise<void>, watch: ApplyWatch) {
    this.#write = write
    this.#watch = watch
  }

  async do(group: readonly Step[]): Promise<void> {
    let next = 0
    const worker = async (): Promise<void> => {
      while (next < group.length && this.stopped === null) await this.#one(group[next++]!)
    }
    await Promise.all(Array.from({ length: Math.min(AT_ONCE, group.length) }, worker))
  }

  async #one(step: Step): Promise<void> {
    const needed = step.action === 'create' || step.action === 'update' ? this.#missingFor(step.body) : null
    if (needed !== null) {
      const reason = `${needed.step.kind} ${needed.step.name} could not be written`
      this.#fail(step, { reason, retryable: needed.retryable, conflict: false })
      return
    }
    try {
      if (!(await this.#watch.mayWrite())) {
        this.stopped ??= 'passive'
        return
      }
      if (this.stopped !== null) return
      await this.#write(step)
      this.writes++
      this.#watch.onWritten(step)
    } catch (error) {
      if (!(error instanceof KongError)) throw error
      this.#fail(step, {
        reason: error.message,
        retryable: error.retryable,
        conflict: error.kind === 'conflict',
      })
      if (error.kind === 'aborted') this.stopped = 'aborted'
      else if (error.kind === 'unreachable' || error.kind === 'timeout') this.stopped ??= 'unreachable'
      // Without the record nobody leads.
      else if (step.action === 'tag') this.stopped ??= 'unreachable'
    }
  }

  #fail(step: Step, failure: Omit<StepFailure, 'step'>): void {
    const failed = { step, ...failure }
    this.failures.push(failed)
    if (step.action === 'create') this.#missing.set(step.id, failed)
  }

  #missingFor(body: Fields): StepFailure | null {
    if (this.#missing.size === 0) return null
    for (const value of Object.values(body)) {
      for (const id of idsIn(value)) {
        const missing = this.#missing.get(id)
        if (missing !== undefined) return missing
      }
    }
    return null
  }
}

function idsIn(value: Json): readonly string[] {
  if (isRecord(value)) return typeof value['id'] === 'string' ? [value['id']] : []
  return isList(value) ? value.filter((one): one is string => typeof one === 'string') : []
}

/** Neighbours of one kind that are all new, all changed, or all deleted. */
function groupsOf(steps: readonly Step[]): Step[][] {
  const groups: Step[][] = []
  let last = ''
  for (const step of steps) {
    const key = `${step.action} ${step.kind}`
    if (key !== last) groups.push([])
    groups.at(-1)!.push(step)
    last = key
  }
  return groups
}
