import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Leadership, standingOf } from '../../../kong-plugins/sync/leadership.ts'
import type { SyncRecord } from '../../../kong-plugins/sync/ownership.ts'

const mine = { generation: 100, state: 'm' }

test('the newer configuration leads, and the same one agrees however old it is', () => {
  assert.equal(standingOf(mine, null), 'leads')
  assert.equal(standingOf(mine, { generation: 99, state: 'o' }), 'leads')
  assert.equal(standingOf(mine, { generation: 101, state: 'o' }), 'passive')
  assert.equal(standingOf(mine, { generation: 999, state: 'm' }), 'agrees')
})

test('of two that are equally new just one leads', () => {
  const other = { generation: 100, state: 'n' }
  assert.notEqual(standingOf(mine, other), standingOf(other, mine))
})

test('who was paused reads the record again before the next write, and stops', async () => {
  let nowMs = 0
  let record: SyncRecord = mine
  let reads = 0
  const leadership = new Leadership(
    mine,
    mine,
    async () => {
      reads++
      return record
    },
    () => nowMs,
  )
  nowMs = 1000
  assert.equal(await leadership.mayWrite(), true)
  assert.equal(reads, 0, 'what was read a second ago is believed')
  record = { generation: 200, state: 'newer' }
  nowMs = 1001
  const answers = await Promise.all([leadership.mayWrite(), leadership.mayWrite()])
  assert.deepEqual(answers, [false, false])
  assert.equal(reads, 1, 'it is read once for all who ask')
  assert.equal(leadership.standing, 'passive')
})
