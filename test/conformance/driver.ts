import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { Outcome } from '../../gateway/contract/outcome.ts'
import { ANSWERS } from './driver/answers.ts'
import { FAILURES } from './driver/failures.ts'
import { LEAVING } from './driver/leaving.ts'
import { STREAMS } from './driver/streams.ts'
import { type Case, type DriverPlatform, Subject } from './driver/subject.ts'
import { UPGRADES } from './driver/upgrades.ts'

export type { DriverPlatform } from './driver/subject.ts'

const CASES = { ...ANSWERS, ...STREAMS, ...FAILURES, ...UPGRADES, ...LEAVING }

/** A promise of every driver. */
export type CaseName = keyof typeof CASES

export interface Conformance {
  /** Sets up a driver with a platform that runs the kit's function. */
  create(): Promise<DriverPlatform>
  /** Why a promise cannot be put to the test with this platform. */
  readonly skips?: Partial<Record<CaseName, string>>
  /** Where the platform itself makes another thing of a fault: what the driver then has to say, and why. */
  readonly outcomes?: Partial<Record<CaseName, readonly [Outcome, because: string]>>
}

/** What every driver promises. Each driver's own test calls this, with a real platform where one can be run. */
export function describeDriver(title: string, conformance: Conformance): void {
  describe(`${title} keeps the promises of a driver`, () => {
    let subject: Subject
    before(async () => {
      subject = new Subject(await conformance.create())
    })
    after(() => subject.platform.close())

    for (const [name, run] of Object.entries(CASES) as [CaseName, Case][]) {
      const skip = conformance.skips?.[name] ?? false
      test(name, { skip }, async (t) => {
        if (name in UPGRADES && subject.platform.invoker.upgrade === undefined) {
          t.skip('the driver opens no WebSockets')
          return
        }
        await run(subject, conformance.outcomes?.[name]?.[0])
        subject.settle()
      })
    }

    test('what is not put to the test has a reason', () => {
      for (const [name, reason] of Object.entries(conformance.skips ?? {})) {
        assert.ok(reason.length > 10, name)
      }
    })
  })
}
