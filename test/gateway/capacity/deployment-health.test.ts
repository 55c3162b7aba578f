import assert from 'node:assert/strict'
import { once } from 'node:events'
import { test } from 'node:test'
import { Worker } from 'node:worker_threads'
import { ADMITTED, DeploymentHealth, REFUSED } from '../../../gateway/capacity/deployment-health.ts'
import { type SharedMap, SharedMemory, SharedMemoryView } from '../../../gateway/capacity/shared-memory.ts'
import type { SharedCells } from '../../../gateway/contract/shared-cells.ts'

const EPOCH = Date.UTC(2026, 10, 1)

/** The health of a deployment and a clock that begins when the gateway does. */
function watched(memory: SharedCells = new SharedMemory()): {
  health: DeploymentHealth
  fail(times: number): boolean
  advance(ms: number): void
  now(): number
} {
  const health = new DeploymentHealth(memory, 'default/f@b/f', EPOCH)
  let now = EPOCH
  return {
    health,
    now: () => now,
    advance: (ms) => {
      now += ms
    },
    fail: (times) => {
      let ejected = false
      for (let i = 0; i < times; i++) ejected = health.failed(now) || ejected
      return ejected
    },
  }
}

/** One whose ejection is just over. */
function halfOpen(memory = new SharedMemory()): ReturnType<typeof watched> {
  const tested = watched(memory)
  tested.fail(5)
  tested.advance(30_000)
  return tested
}

test('four failures in a row do not eject, the fifth does', () => {
  const { health, fail, now } = watched()
  assert.equal(fail(4), false)
  assert.ok(health.isHealthy(now()))
  assert.equal(fail(1), true)
  assert.ok(!health.isHealthy(now()))
  assert.equal(health.state(now()), 'ejected')
  assert.equal(health.admit(now()), REFUSED)
})

test('an answer in between begins the count anew', () => {
  const { health, fail, now } = watched()
  fail(4)
  health.succeeded(now())
  assert.equal(fail(4), false)
  assert.ok(health.isHealthy(now()))
  assert.equal(fail(1), true)
})

test('an ejection lasts 30 s', () => {
  const { health, fail, advance, now } = watched()
  fail(5)
  advance(9_999)
  assert.ok(!health.isHealthy(now()))
  advance(20_000)
  assert.ok(!health.isHealthy(now()), 'still out a millisecond before')
  assert.equal(health.admit(now()), REFUSED)
  advance(1)
  assert.ok(health.isHealthy(now()))
  assert.notEqual(health.admit(now()), REFUSED)
})

test('the second ejection lasts 60 s, the third 90 s, none longer than five minutes', () => {
  const { health, fail, advance, now } = watched()
  for (const seconds of [30, 60, 90, 120, 150, 180, 210, 240, 270, 300, 300, 300]) {
    assert.equal(fail(5), true, `ejected for ${seconds} s`)
    advance(seconds * 1000 - 1)
    assert.ok(!health.isHealthy(now()), `out for ${seconds} s`)
    advance(1)
    assert.ok(health.isHealthy(now()), `back after ${seconds} s`)
  }
})

test('what fails or succeeds while it is ejected changes nothing', () => {
  const { health, fail, advance, now } = watched()
  fail(5)
  advance(10_000)
  assert.equal(fail(40), false)
  health.succeeded(now())
  assert.equal(health.state(now()), 'ejected')
  advance(19_999)
  assert.equal(fail(40), false)
  assert.ok(!health.isHealthy(now()))
  advance(1)
  assert.ok(health.isHealthy(now()))
})

test('one that served well for as long as it was ejected is forgiven', () => {
  const { health, fail, advance, now } = watched()
  fail(5)
  advance(30_000)
  health.succeeded(now())
  advance(29_999)
  health.succeeded(now())
  fail(5)
  advance(30_000)
  assert.ok(!health.isHealthy(now()), 'too early: the second ejection counts as such')
  advance(30_001)
  health.succeeded(now())
  advance(60_000)
  health.succeeded(now())
  advance(30_000)
  health.succeeded(now())
  fail(5)
  advance(30_000)
  assert.ok(health.isHealthy(now()), 'forgiven: the next ejection is a first one')
})

test('more than half of ten attempts within 10 s failed: ejected, though never five in a row', () => {
  const { health, fail, advance, now } = watched()
  for (let i = 0; i < 3; i++) {
    assert.equal(fail(1), false)
    health.succeeded(now())
    advance(1000)
    assert.equal(fail(1), false)
  }
  assert.equal(health.state(now()), 'healthy', 'six of nine, but nine are too few')
  assert.equal(fail(1), true)
})

test('half of the attempts may fail', () => {
  const { health, fail, advance, now } = watched()
  for (let i = 0; i < 200; i++) {
    health.succeeded(now())
    assert.equal(fail(1), false)
    advance(130)
  }
  assert.equal(health.state(now()), 'healthy')
})

test('failures of more than ten seconds ago do not count', () => {
  const { health, fail, advance, now } = watched()
  for (let i = 0; i < 4; i++) {
    fail(2)
    health.succeeded(now())
    advance(4000)
  }
  assert.equal(health.state(now()), 'healthy', 'eight of twelve failed, but never six of ten within 10 s')
})

test('half-open it takes one call at a time until one succeeds', () => {
  const { health, advance, now } = halfOpen()
  assert.equal(health.state(now()), 'half-open')
  assert.equal(health.weight(now()), 0.1)
  const probe = health.admit(now())
  assert.ok(probe > ADMITTED)
  assert.equal(health.admit(now()), REFUSED)
  advance(9_900)
  assert.equal(health.admit(now()), REFUSED, 'nobody else while the probe is out')
  health.succeeded(now())
  assert.equal(health.state(now()), 'recovering')
  assert.equal(health.admit(now()), ADMITTED)
  assert.equal(health.admit(now()), ADMITTED)
})

test('a probe that fails ejects at once, for longer', () => {
  const { health, advance, now } = halfOpen()
  assert.equal(health.failed(now(), health.admit(now())), true)
  assert.equal(health.state(now()), 'ejected')
  advance(59_999)
  assert.equal(health.admit(now()), REFUSED)
  advance(1)
  assert.ok(health.admit(now()) > ADMITTED)
})

test('a call that began long ago and fails only now does not pass for the probe', () => {
  const { health, now } = halfOpen()
  health.admit(now())
  assert.equal(health.failed(now()), false)
  assert.equal(health.state(now()), 'half-open')
})

test('a probe that nobody hears of again is forgotten after 10 s', () => {
  const { health, advance, now } = halfOpen()
  health.admit(now())
  advance(9_999)
  assert.equal(health.admit(now()), REFUSED)
  advance(1)
  assert.ok(health.admit(now()) > ADMITTED)
  assert.equal(health.admit(now()), REFUSED)
})

test('a probe that ends without a verdict lets the next one in', () => {
  const { health, advance, now } = halfOpen()
  for (let i = 0; i < 20; i++) {
    const probe = health.admit(now())
    assert.ok(probe > ADMITTED, `probe ${i}`)
    assert.equal(health.admit(now()), REFUSED)
    advance(i)
    health.probeOver(probe, now())
  }
  assert.equal(health.state(now()), 'half-open')
})

test('only the probe itself can be over', () => {
  const { health, advance, now } = halfOpen()
  const lost = health.admit(now())
  advance(10_000)
  const probe = health.admit(now())
  assert.ok(probe > ADMITTED)
  health.probeOver(lost, now())
  health.probeOver(ADMITTED, now())
  health.probeOver(REFUSED, now())
  assert.equal(health.admit(now()), REFUSED)
  health.succeeded(now())
  health.probeOver(probe, now())
  assert.equal(health.admit(now()), ADMITTED, 'it is open already')
})

test('a recovered deployment takes more and more over 30 s', () => {
  const { health, advance, now } = halfOpen()
  assert.equal(health.weight(EPOCH), 0.1)
  health.admit(now())
  health.succeeded(now())
  for (const [ms, weight] of [
    [0, 0.1],
    [10_000, 0.4],
    [20_000, 0.7],
    [29_999, 0.99997],
    [30_000, 1],
    [300_000, 1],
  ] as const) {
    assert.ok(
      Math.abs(health.weight(now() + ms) - weight) < 1e-9,
      `${health.weight(now() + ms)} after ${ms} ms`,
    )
  }
  advance(29_999)
  assert.equal(health.state(now()), 'recovering')
  advance(1)
  assert.equal(health.state(now()), 'healthy')
})

test('what failed before the recovery is forgotten', () => {
  const { health, fail, now } = halfOpen()
  assert.equal(fail(4), false, 'calls from before the ejection')
  health.succeeded(now())
  assert.equal(fail(4), false)
  health.succeeded(now())
  assert.equal(fail(4), false)
  assert.equal(health.state(now()), 'recovering')
})

test('one that the control plane finds not ready gets no calls, and comes back slowly', () => {
  const memory = new SharedMemory()
  const { health, advance, now } = watched(memory)
  const { health: seenByThread } = watched(new SharedMemoryView(memory.map()))
  health.setReady(true, now())
  assert.equal(seenByThread.state(now()), 'healthy', 'it was ready before')
  health.setReady(false, now())
  assert.equal(seenByThread.ready, false)
  assert.equal(seenByThread.state(now()), 'not-ready')
  assert.equal(seenByThread.isHealthy(now()), false)
  assert.equal(seenByThread.admit(now()), REFUSED)
  advance(100_000)
  health.setReady(true, now())
  assert.equal(seenByThread.state(now()), 'recovering')
  assert.equal(seenByThread.weight(now()), 0.1)
  assert.equal(seenByThread.admit(now()), ADMITTED)
})

test('a clock that steps back lets nobody in too early and breaks nothing', () => {
  const { health, advance, now } = halfOpen()
  advance(-20_000)
  assert.equal(health.admit(now()), REFUSED)
  assert.equal(health.failed(now() - 100_000), false)
  health.succeeded(now() - 100_000)
  assert.equal(health.state(now()), 'ejected')
  advance(20_000)
  assert.ok(health.admit(now()) > ADMITTED)
})

/** Does what it is told to one deployment, on a thread of its own, and tells how often it got a yes. */
const HAMMER = `
const { workerData, parentPort } = require('node:worker_threads')
void (async () => {
  const { SharedMemoryView } = await import(workerData.memory)
  const { DeploymentHealth } = await import(workerData.health)
  const { map, what, now, epoch, rounds } = workerData
  const health = new DeploymentHealth(new SharedMemoryView(map), 'default/f@b/f', epoch)
  let yes = 0
  for (let i = 0; i < rounds; i++) if (health[what](now)) yes++
  parentPort.postMessage(yes)
})()`

async function hammer(what: 'failed' | 'admit', now: number, map: SharedMap): Promise<number> {
  const at = (path: string) => new URL(`../../../gateway/capacity/${path}.ts`, import.meta.url).href
  const modules = { memory: at('shared-memory'), health: at('deployment-health') }
  const worker = new Worker(HAMMER, {
    eval: true,
    workerData: { ...modules, map, what, now, epoch: EPOCH, rounds: 50_000 },
  })
  const [yes] = (await once(worker, 'message')) as [number]
  await worker.terminate()
  return yes
}

test('of threads that see the same outage one ejects', async () => {
  const memory = new SharedMemory()
  const { health } = watched(memory)
  const map = memory.map()
  const ejections = await Promise.all([hammer('failed', EPOCH, map), hammer('failed', EPOCH, map)])
  assert.equal(ejections[0]! + ejections[1]!, 1)
  assert.ok(!health.isHealthy(EPOCH + 29_999))
  assert.ok(health.isHealthy(EPOCH + 30_000), 'ejected once, not twice')
})

test('of threads that ask at the same time one gets the probe', async () => {
  const memory = new SharedMemory()
  const { now } = halfOpen(memory)
  const map = memory.map()
  const probes = await Promise.all([hammer('admit', now(), map), hammer('admit', now(), map)])
  assert.equal(probes[0]! + probes[1]!, 1)
})
