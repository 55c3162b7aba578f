import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CallPace, LEAST_PER_SECOND } from '../../../gateway/capacity/call-pace.ts'
import { SharedMemory } from '../../../gateway/capacity/shared-memory.ts'
import { seededRandom } from '../../../gateway/simulation/seeded.ts'

const EPOCH = Date.UTC(2026, 10, 1)

function paces(threads = 1): CallPace[] {
  const memory = new SharedMemory()
  return Array.from({ length: threads }, () => new CallPace(memory, 'default/f@b/f', threads, EPOCH))
}

interface World {
  readonly pace: readonly CallPace[]
  readonly random: () => number
  /** Calls a second that the platform bears. */
  readonly wall: number
  /** Milliseconds until its answer. */
  readonly delayMs: number
}

/** Offers calls at random to a platform that refuses what comes too fast, in virtual time. */
function run(world: World, from: number, seconds: number, offered: number) {
  const { pace, random, wall, delayMs } = world
  const told: { at: number; sentAt: number; thread: number }[] = []
  const tally = { offered: 0, sent: 0, served: 0, refused: 0, sentAt: [] as number[] }
  const burst = Math.max(3, wall / 5)
  let tokens = burst
  let filledAt = from
  for (let now = from; ; ) {
    now -= (Math.log(1 - random()) * 1000) / offered
    if (now > from + seconds * 1000) return tally
    for (let next = told[0]; next !== undefined && next.at <= now; next = told[0]) {
      told.shift()
      pace[next.thread]!.refused(next.sentAt, next.at)
    }
    const thread = Math.floor(random() * pace.length)
    tally.offered++
    if (!pace[thread]!.tryTake(now)) continue
    tally.sent++
    tally.sentAt.push(now)
    tokens = Math.min(burst, tokens + ((now - filledAt) * wall) / 1000)
    filledAt = now
    if (tokens >= 1) {
      tokens--
      tally.served++
    } else {
      tally.refused++
      told.push({ at: now + delayMs, sentAt: now, thread })
    }
  }
}

test('there is no pace before the platform asks for one, and it costs no turn', () => {
  const [pace] = paces()
  for (let i = 0; i < 100_000; i++) assert.equal(pace!.tryTake(EPOCH), true)
  assert.deepEqual([pace!.perSecond, pace!.use(EPOCH), pace!.hasTurn(EPOCH)], [0, 0, true])
})

for (let seed = 1; seed <= 12; seed++) {
  const random = seededRandom(seed)
  const wall = Math.round(10 ** (0.7 + 2.3 * random()))
  const delayMs = Math.round(5 + 400 * random())
  const factor = 2 + 8 * random()
  const threads = 1 + Math.floor(random() * 4)
  test(`a platform of ${wall} calls a second, ${factor.toFixed(1)} times asked, ${threads} threads, ${delayMs} ms: its rate is used and hardly passed`, () => {
    const world = { pace: paces(threads), random, wall, delayMs }
    run(world, EPOCH, 20, wall * factor)
    const { served, refused, sent } = run(world, EPOCH + 20_000, 60, wall * factor)
    assert.ok(served >= 0.7 * wall * 60, `served ${served} of ${wall * 60}`)
    assert.ok(refused <= 0.15 * sent, `refused ${refused} of ${sent}`)
  })
}

test('within any time no more calls are sent than the pace and one second of it', () => {
  for (let seed = 1; seed <= 20; seed++) {
    const random = seededRandom(seed)
    const [pace] = paces()
    const asked = 1 + 2000 * random()
    for (let i = 0; i < asked; i++) pace!.tryTake(EPOCH + (i * 1000) / asked)
    pace!.refused(EPOCH + 999, EPOCH + 1000)
    const sent: number[] = []
    const rates: number[] = []
    for (let now = EPOCH + 1000; now < EPOCH + 9000; now += 20 * random()) {
      if (!pace!.tryTake(now)) continue
      sent.push(now)
      rates.push(pace!.perSecond)
    }
    for (let from = 0; from < sent.length; from += 7) {
      for (let to = from; to < sent.length; to += 11) {
        const most = (rates[to]! * (sent[to]! - sent[from]!)) / 1000 + Math.max(1, rates[to]!) + 1
        assert.ok(to - from + 1 <= most, `${to - from + 1} sent where ${most} may be`)
      }
    }
  }
})

test('of calls that were under way together one refusal cuts, the next round cuts again', () => {
  const [pace] = paces()
  for (let i = 0; i < 200; i++) pace!.tryTake(EPOCH + i * 5)
  const now = EPOCH + 1000
  for (let i = 0; i < 50; i++) pace!.refused(now - 1 - i, now + i / 10)
  const cut = pace!.perSecond
  assert.ok(Math.abs(cut - 140) < 2, `200 a second become ${cut}`)
  pace!.refused(now + 50, now + 60)
  assert.ok(Math.abs(pace!.perSecond - cut * 0.7) < 1e-6)
})

test('one refusal after another never stops a function: a call every two seconds remains', () => {
  const [pace] = paces()
  let sent = 0
  for (let now = EPOCH; now < EPOCH + 60_000; now += 10) {
    if (!pace!.tryTake(now)) continue
    sent++
    pace!.refused(now, now + 1)
  }
  assert.ok(pace!.perSecond >= LEAST_PER_SECOND && pace!.perSecond < 2, `${pace!.perSecond} a second`)
  assert.ok(sent >= 30, `${sent} in a minute`)
})

test('the rate rises only while it is asked for, and is forgotten after a minute without a refusal', () => {
  const [pace] = paces()
  for (let i = 0; i < 100; i++) pace!.tryTake(EPOCH + i * 10)
  pace!.refused(EPOCH + 999, EPOCH + 1000)
  const cut = pace!.perSecond
  let now = EPOCH + 1000
  for (; now < EPOCH + 60_900; now += 100) pace!.tryTake(now)
  assert.ok(pace!.perSecond < cut * 3, `${pace!.perSecond} though 10 a second are asked for`)
  pace!.tryTake(EPOCH + 130_000)
  assert.equal(pace!.perSecond, 0)
})

test('a turn that is given back is there for the next, and the use of the turns is told', () => {
  const [pace] = paces()
  for (let i = 0; i < 10; i++) pace!.tryTake(EPOCH + i * 100)
  pace!.refused(EPOCH + 999, EPOCH + 1000)
  assert.deepEqual([pace!.use(EPOCH + 1000), pace!.hasTurn(EPOCH + 1000)], [1, false])
  assert.equal(pace!.tryTake(EPOCH + 1000), false)
  const later = EPOCH + 1400
  assert.ok(pace!.use(later) > 0.5 && pace!.use(later) < 0.7)
  let turns = 0
  while (pace!.tryTake(later)) turns++
  assert.ok(turns >= 2 && turns <= 4, `${turns} turns in 400 ms`)
  assert.equal(pace!.hasTurn(later), false)
  pace!.giveBack()
  assert.equal(pace!.hasTurn(later), true)
  assert.equal(pace!.tryTake(later), true)
})

test('threads share one bucket', () => {
  const [one, other] = paces(2)
  for (let i = 0; i < 100; i++) (i % 2 === 0 ? one! : other!).tryTake(EPOCH + i * 10)
  one!.refused(EPOCH + 999, EPOCH + 1000)
  assert.equal(one!.perSecond, other!.perSecond)
  assert.ok(Math.abs(one!.perSecond - 70) < 3, `${one!.perSecond}`)
  const later = EPOCH + 1200
  while (one!.tryTake(later));
  assert.equal(other!.tryTake(later), false)
})

test('a platform that asks to be left alone for some seconds is, for thirty at most, and no burst follows', () => {
  for (const [asked, kept] of [
    [2000, 2000],
    [7000, 7000],
    [3_600_000, 30_000],
    [Number.POSITIVE_INFINITY, 30_000],
  ] as const) {
    const [one, other] = paces(2)
    for (let i = 0; i < 100; i++) one!.tryTake(EPOCH + i * 10)
    const now = EPOCH + 1000
    one!.refused(now - 1, now)
    one!.rest(asked, now)
    other!.refused(now - 1, now + 1)
    other!.rest(1500, now + 1)
    const turnMs = 1000 / one!.perSecond
    assert.ok(Math.abs(other!.untilTurnMs(now) - kept - turnMs) < 0.1, `${other!.untilTurnMs(now)}`)
    assert.deepEqual([other!.use(now), other!.hasTurn(now + kept)], [1, false])
    for (let at = now; at <= now + kept; at += 100) assert.equal(other!.tryTake(at), false)
    let turns = 0
    while (one!.tryTake(now + kept + 100)) turns++
    assert.ok(turns >= 1 && turns <= 100 / turnMs + 2, `${turns} turns of ${turnMs} ms in 100 ms`)
  }
})

test('a second, the least that can be said, is no rest; what is no number is none either', () => {
  for (const asked of [1000, 0, -1, Number.NaN]) {
    const [pace] = paces()
    pace!.tryTake(EPOCH)
    pace!.refused(EPOCH, EPOCH + 1)
    pace!.rest(asked, EPOCH + 1)
    assert.ok(pace!.untilTurnMs(EPOCH + 1) <= 1000 / pace!.perSecond)
  }
})

test('a rest of long ago is over, also when its time comes round again in 32 bits', () => {
  const [pace] = paces()
  pace!.tryTake(EPOCH)
  pace!.refused(EPOCH, EPOCH + 1)
  pace!.rest(30_000, EPOCH + 1)
  const round = EPOCH + 2 ** 32 / 100
  assert.deepEqual([pace!.use(round), pace!.hasTurn(round)], [0, true])
})
