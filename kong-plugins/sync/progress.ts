import type { KongConfig } from '../../gateway/config/schema.ts'
import type { KongStatus } from '../../gateway/observe/kong-status.ts'
import type { DesiredState } from './entities.ts'
import type { Round } from './session.ts'

/** More problems than this are counted only. */
const MOST_PROBLEMS = 20

/** What is known of how far Kong is behind, and how often it was looked at. */
export class Progress {
  state: KongStatus['state'] = 'pending'
  /** Whether the latest look found other problems than the one before. */
  problemsAreNew = false
  #kong: KongConfig | null = null
  #desired: DesiredState | null = null
  #entities: Readonly<Record<string, number>> = {}
  #version = ''
  #actualDigest: string | null = null
  /** Since when it is not known that all is right; 0 when it is. */
  #behindSince = 0
  #lastInStepAt = 0
  #lastError: KongStatus['lastError'] = null
  #problems: readonly string[] = []
  #withheld = 0
  #looks = 0
  #failedLooks = 0
  #writes = 0
  #driftFound = 0
  #driftRepaired = 0

  /** Another configuration is wanted from now on. */
  begin(kong: KongConfig, desired: DesiredState, nowMs: number): void {
    if (this.#desired?.digest !== desired.digest && this.#behindSince === 0) this.#behindSince = nowMs
    this.state = kong.sync ? 'pending' : 'off'
    if (!kong.sync) this.#behindSince = 0
    this.#kong = kong
    this.#desired = desired
    this.#entities = Object.fromEntries(
      [...Map.groupBy(desired.entities, ({ kind }) => kind)].map(([kind, found]) => [kind, found.length]),
    )
  }

  /** A look begins. */
  onLook(): void {
    this.#looks++
  }

  onWritten(): void {
    this.#writes++
  }

  settle({ facts, plan, standing, result, record }: Round, problems: readonly string[], nowMs: number): void {
    this.#version = facts.version
    this.#actualDigest = record?.state ?? null
    this.#withheld = plan.withheld
    this.#lastError = null
    this.problemsAreNew = problems.join('\n') !== this.#problems.join('\n')
    this.#problems = problems
    this.#countDrift(plan, standing, result)
    if (standing === 'passive') this.state = 'passive'
    else this.state = problems.length > 0 ? 'partly' : 'in-step'
    if (this.state === 'in-step') {
      this.#behindSince = 0
      this.#lastInStepAt = nowMs
    } else if (this.#behindSince === 0) this.#behindSince = nowMs
  }

  fail(message: string, nowMs: number): void {
    this.#failedLooks++
    this.state = 'failing'
    this.#lastError = { at: nowMs, message }
    // Nobody knows whether it is still right.
    if (this.#behindSince === 0) this.#behindSince = this.#lastInStepAt || nowMs
  }

  status(generation: number, dueAt: number, nowMs: number): KongStatus {
    const kong = this.#kong!
    return {
      owner: kong.owner,
      address: kong.admin.url,
      version: this.#version,
      state: this.state,
      generation,
      desiredDigest: this.#desired!.digest,
      actualDigest: this.#actualDigest,
      lagMs: this.#behindSince === 0 ? 0 : Math.max(0, nowMs - this.#behindSince),
      entities: this.#entities,
      lastInStepAt: this.#lastInStepAt,
      nextLookAt: Number.isFinite(dueAt) ? Math.round(dueAt) : 0,
      lastError: this.#lastError,
      problems: this.#problems.slice(0, MOST_PROBLEMS),
      problemCount: this.#problems.length,
      withheld: this.#withheld,
      total: {
        looks: this.#looks,
        failedLooks: this.#failedLooks,
        writes: this.#writes,
        driftFound: this.#driftFound,
        driftRepaired: this.#driftRepaired,
      },
    }
  }

  /** While the configuration is the one in Kong, whatever differs was done by somebody else. */
  #countDrift({ changes }: Round['plan'], standing: Round['standing'], result: Round['result']): void {
    const wasThere = standing !== 'passive' && this.#lastInStepAt > 0 && this.#behindSince === 0
    const drifted = changes.filter(
      ({ action }) => action === 'repair' || (wasThere && (action === 'create' || action === 'delete')),
    )
    this.#driftFound += drifted.length
    if (result === null) return
    const failed = new Set(result.failures.map(({ step }) => step.id))
    if (result.stopped !== null) return
    this.#driftRepaired += drifted.filter((change) => {
      const id = change.action === 'create' ? change.entity.id : 'live' in change ? change.live.id : ''
      return !failed.has(id)
    }).length
  }
}
