import assert from 'node:assert/strict'
import { test } from 'node:test'
import { FairQueue, type Line, type Queued } from '../../../gateway/capacity/fair-queue.ts'

class Waiter implements Queued {
  line: Line | null = null
  ahead: Queued | null = null
  behind: Queued | null = null
  readonly name: string

  constructor(name: string) {
    this.name = name
  }
}

const RESIZE = { name: 'resize' }
const RENDER = { name: 'render' }
const ANYBODY = () => true
const NOBODY = () => false

/** A queue of these waiters, written as `organization/purpose` or `organization`, in their order. */
function queueOf(...places: readonly string[]): { queue: FairQueue<Waiter>; waiters: Waiter[] } {
  const queue = new FairQueue<Waiter>()
  const waiters = places.map((place, i) => {
    const [organization = '', purpose = 'resize'] = place.split('/')
    const waiter = new Waiter(`${place}#${i}`)
    queue.enter(waiter, organization, purpose === 'resize' ? RESIZE : RENDER)
    return waiter
  })
  return { queue, waiters }
}

function drain(queue: FairQueue<Waiter>, fits: (waiter: Waiter) => boolean = ANYBODY): string[] {
  const names: string[] = []
  for (let next = queue.take(fits, 64); next !== null; next = queue.take(fits, 64)) names.push(next.name)
  return names
}

test('within a line it is first come, first served', () => {
  const { queue } = queueOf('a', 'a', 'a')
  assert.deepEqual(drain(queue), ['a#0', 'a#1', 'a#2'])
  assert.equal(queue.size, 0)
  assert.equal(queue.organizations, 0)
})

test('organizations take turns, however many calls each has', () => {
  const { queue } = queueOf('flood', 'flood', 'flood', 'flood', 'quiet', 'flood', 'small', 'quiet')
  assert.deepEqual(drain(queue), [
    'flood#0',
    'quiet#4',
    'small#6',
    'flood#1',
    'quiet#7',
    'flood#2',
    'flood#3',
    'flood#5',
  ])
})

test('functions of an organization take turns, and do not give it more turns', () => {
  const { queue } = queueOf('a/resize', 'a/resize', 'a/render', 'b/resize', 'b/resize', 'b/resize')
  assert.deepEqual(drain(queue), [
    'a/resize#0',
    'b/resize#3',
    'a/render#2',
    'b/resize#4',
    'a/resize#1',
    'b/resize#5',
  ])
})

test('a line whose first does not fit holds up no other', () => {
  const { queue } = queueOf('a/resize', 'a/render', 'b/resize')
  const fits = ({ name }: Waiter) => name !== 'a/resize#0'
  assert.deepEqual(drain(queue, fits), ['a/render#1', 'b/resize#2'])
  assert.equal(queue.size, 1)
})

test('who could not be served keeps the turn', () => {
  const { queue } = queueOf('a', 'b', 'a', 'b')
  assert.equal(queue.take(NOBODY, 64), null)
  assert.equal(queue.take(ANYBODY, 64)?.name, 'a#0')
  assert.equal(queue.take(NOBODY, 64), null)
  assert.equal(queue.take(ANYBODY, 64)?.name, 'b#1')
})

test('a search that is given up goes on behind where it ended', () => {
  const { queue } = queueOf('a', 'b', 'c', 'd', 'e')
  const tried: string[] = []
  const note = ({ name }: Waiter) => {
    tried.push(name)
    return false
  }
  queue.take(note, 3)
  queue.take(note, 3)
  assert.deepEqual(tried, ['a#0', 'b#1', 'c#2', 'd#3', 'e#4', 'a#0'])
})

test('an organization with more lines than are tried at once keeps no other from its turn', () => {
  const queue = new FairQueue<Waiter>()
  const purposes = Array.from({ length: 100 }, (_, i) => ({ i }))
  for (const purpose of purposes) queue.enter(new Waiter('many'), 'many', purpose)
  queue.enter(new Waiter('few'), 'few', RESIZE)
  const fits = ({ name }: Waiter) => name === 'few'
  assert.equal(queue.take(fits, 10), null)
  assert.equal(queue.take(fits, 10)?.name, 'few')
})

test('one may leave from anywhere, and leaving twice changes nothing', () => {
  for (const gone of [0, 1, 2]) {
    const { queue, waiters } = queueOf('a', 'a', 'a')
    queue.leave(waiters[gone]!)
    queue.leave(waiters[gone]!)
    assert.equal(queue.size, 2)
    assert.deepEqual(
      drain(queue),
      ['a#0', 'a#1', 'a#2'].filter((_, i) => i !== gone),
    )
  }
})

test('the last of the longest line is found, unless none is longer', () => {
  const { queue } = queueOf('a', 'b', 'b', 'b', 'c', 'c', 'b/render', 'b/render', 'b/render', 'b/render')
  assert.equal(queue.lastOfLongest(RESIZE, 2)?.name, 'b#3')
  assert.equal(queue.lastOfLongest(RESIZE, 3), null)
  assert.equal(queue.lengthOf('b', RESIZE), 3)
  assert.equal(queue.lengthOf('c', RENDER), 0)
})

test('whatever comes and goes, all are served once and organizations differ by one turn at most', () => {
  let seed = 7
  const random = (below: number) => {
    seed = (seed * 1103515245 + 12345) & 0x7fffffff
    return seed % below
  }
  for (let round = 0; round < 200; round++) {
    const queue = new FairQueue<Waiter>()
    const inside = new Set<Waiter>()
    for (let step = 0; step < 60; step++) {
      const action = random(10)
      if (action < 6) {
        const waiter = new Waiter(`${round}.${step}`)
        queue.enter(waiter, 'abc'[random(3)]!, random(2) === 0 ? RESIZE : RENDER)
        inside.add(waiter)
      } else if (action < 8) {
        const waiter = [...inside][random(inside.size || 1)]
        if (waiter !== undefined) queue.leave(waiter)
        if (waiter !== undefined) inside.delete(waiter)
      } else {
        const waiter = queue.take(() => random(3) > 0, 1 + random(6))
        if (waiter !== null) assert.ok(inside.delete(waiter))
      }
      assert.equal(queue.size, inside.size)
    }
    for (let left = inside.size; left > 0; left--) assert.ok(inside.delete(queue.take(ANYBODY, 64)!))
    assert.equal(queue.organizations, 0)
    assert.equal(queue.take(ANYBODY, 64), null)
  }
})
