import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { test } from 'node:test'
import { type Figure, guardedRun } from '../../../bench/guard/guarded-run.ts'
import { loadStage } from '../../../bench/guard/load-stage.ts'
import { NODE_UNDICI, type Program } from '../../../bench/support/program.ts'

/** A call takes about 30 µs: this is far more than a tenth, so that a busy machine does not hide it. */
const SLOW: Program = { ...NODE_UNDICI, name: 'with a slowdown', settings: { wasteMicroseconds: 40 } }
const SAME: Program = { ...NODE_UNDICI, name: 'the same again' }

function figure(program: Program): Figure {
  const accepted = { ratio: 1, low: 0.99, high: 1.01 }
  return {
    name: program.name,
    contender: program,
    baseline: NODE_UNDICI,
    budget: null,
    accepted,
  }
}

const skip = existsSync('/proc/self/schedstat') ? false : 'CPU times are read from /proc'

test('programs under load: one that wastes time is found, one that is the same is not', {
  skip,
  timeout: 170_000,
}, async () => {
  const told: string[] = []
  const effort = {
    stages: 3,
    fewestStages: 1,
    warmUpRounds: 5,
    blocksPerStage: 20,
    roundsPerBlock: 2,
    requestsPerTurn: 500,
    longRoundsPerStage: 0,
    requestsPerLongTurn: 0,
    mostSpread: Number.POSITIVE_INFINITY,
    mostSeconds: 60,
    told: (line: string) => told.push(line),
  }
  const { findings } = await guardedRun([figure(SLOW), figure(SAME)], effort, loadStage)
  const [slow, same] = findings
  assert.equal(slow!.againstAccepted, 'worse', JSON.stringify(slow!.change))
  assert.notEqual(same!.againstAccepted, 'worse', JSON.stringify(same!.change))
  assert.ok(told.length >= 1)
})
