import assert from 'node:assert/strict'
import { setTimeout as delay } from 'node:timers/promises'
import type { DeploymentFacts, Invoker } from '../../../gateway/contract/driver.ts'
import type { Outcome } from '../../../gateway/contract/outcome.ts'
import { type Asked, TestAttempt } from './test-attempt.ts'

/** A driver with a platform behind it, as the test of the driver sets it up. */
export interface DriverPlatform {
  readonly invoker: Invoker
  /** The kit's function. */
  readonly deployment: DeploymentFacts
  /** A function that the platform does not know. */
  readonly unknown?: DeploymentFacts
  /** The kit's function where the platform lets it serve one call at a time. */
  readonly busy?: DeploymentFacts
  /** An invoker whose platform is not there. */
  unreachable?(): Promise<Invoker>
  /** Ends everything; called after the last case. */
  close(): Promise<void>
}

/** One promise of a driver. `outcome` is given where the platform makes another thing of a fault than plain HTTP does. */
export type Case = (subject: Subject, outcome?: Outcome) => Promise<void>

/** A platform with what the cases do with it again and again. */
export class Subject {
  readonly platform: DriverPlatform
  readonly #attempts: TestAttempt[] = []
  #ids = 0

  constructor(platform: DriverPlatform) {
    this.platform = platform
  }

  /** A name for the events of one call. */
  id(): string {
    return `call-${++this.#ids}`
  }

  attempt(asked: Asked, deployment: DeploymentFacts = this.platform.deployment): TestAttempt {
    const attempt = new TestAttempt(deployment, asked).run(this.platform.invoker)
    this.#attempts.push(attempt)
    return attempt
  }

  /** An attempt to open a WebSocket. */
  upgrade(asked: Asked, invoker: Invoker = this.platform.invoker): TestAttempt {
    const attempt = new TestAttempt(this.platform.deployment, asked).upgrade(invoker)
    this.#attempts.push(attempt)
    return attempt
  }

  /** An attempt that is over. */
  ask(asked: Asked, deployment?: DeploymentFacts): Promise<TestAttempt> {
    return this.attempt(asked, deployment).over()
  }

  /** An attempt that has to be answered with 200. */
  async get(path: string): Promise<TestAttempt> {
    const attempt = await this.ask({ path })
    assert.equal(attempt.outcome, 'answered', attempt.summary())
    assert.equal(attempt.status, 200)
    return attempt
  }

  async events(id: string): Promise<string[]> {
    return JSON.parse((await this.get(`/events?id=${id}`)).text) as string[]
  }

  /** Waits until the function has noticed something; fails after `withinMs`. */
  async event(id: string, wanted: string, withinMs: number): Promise<void> {
    const startedAt = performance.now()
    for (;;) {
      const events = await this.events(id)
      if (events.includes(wanted)) return
      if (performance.now() - startedAt > withinMs) {
        assert.fail(
          `the function does not see "${wanted}" within ${withinMs} ms, only ${JSON.stringify(events)}`,
        )
      }
      await delay(10)
    }
  }

  /** Holds the driver to the contract in every attempt so far, and leaves those that go on. */
  settle(): void {
    for (const attempt of this.#attempts.splice(0)) {
      if (attempt.outcome === null) attempt.abort()
      assert.deepEqual(attempt.offences, [])
    }
  }
}
