import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { before, test } from 'node:test'
import { ERRORS } from '../../gateway/contract/errors.ts'
import { OUTCOMES, type Outcome } from '../../gateway/contract/outcome.ts'
import { endsOf, seeAllFaults, TABLE_FILE, type Verdicts, writeTable } from './faults-table.ts'

/** What a fault is on a platform that does not stand in its way. */
const EXPECTED: Readonly<Record<string, Outcome>> = {
  refused: 'unreachable',
  reset: 'reset',
  slow: 'timeout',
  full: 'overloaded',
  crash: 'function-error',
  missing: 'not-found',
  malformed: 'malformed',
}

let verdicts: Verdicts

before(async () => {
  verdicts = await seeAllFaults()
})

test('the same fault has the same outcome on each driver, or there is a reason why not', () => {
  for (const [title, byFault] of Object.entries(verdicts)) {
    for (const [fault, outcome] of Object.entries(EXPECTED)) {
      const verdict = byFault[fault]!
      if ('skipped' in verdict) assert.ok(verdict.skipped.length > 10, `${title}: ${fault}`)
      else if (verdict.because === null) assert.equal(verdict.seen.outcome, outcome, `${title}: ${fault}`)
    }
  }
})

test('clients are told an outcome in one way: status and code are those of the table of errors', () => {
  for (const [outcome, { status, code }] of endsOf(verdicts)) {
    const expected = OUTCOMES[outcome as Outcome].code!
    assert.equal(code, expected)
    assert.equal(status, ERRORS[expected].status)
  }
})

test('the page of the drivers says what was just seen; else `npm run faults` writes it', async () => {
  assert.equal(await readFile(TABLE_FILE, 'utf8'), writeTable(verdicts))
})
