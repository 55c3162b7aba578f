import assert from 'node:assert/strict'
import { test } from 'node:test'
import { SharedMemory } from '../../../gateway/capacity/shared-memory.ts'
import { HeartMonitor } from '../../../gateway/threads/heartbeat.ts'

test('a heart that beats is not silent, one that stopped is for as long as it did', () => {
  const { monitor, beat, advance } = watched()
  for (let i = 0; i < 10; i++) {
    advance(100)
    beat(0)
    assert.equal(monitor.silentMs(0), 0)
  }
  advance(400)
  assert.equal(monitor.silentMs(0), 400)
  advance(700)
  assert.equal(monitor.silentMs(0), 1100)
  beat(0)
  assert.equal(monitor.silentMs(0), 0)
})

test('hearts are watched one by one', () => {
  const { monitor, beat, advance } = watched()
  advance(1000)
  beat(1)
  assert.equal(monitor.silentMs(0), 1000)
  assert.equal(monitor.silentMs(1), 0)
})

test('a monitor that was held up itself does not take the time for silence', () => {
  const { monitor, beat, advance } = watched()
  monitor.silentMs(0)
  beat(0)
  advance(60_000)
  assert.equal(monitor.silentMs(0), 0)
})

test('a new thread gets the full time to show itself', () => {
  const { monitor, advance } = watched()
  advance(5000)
  monitor.reset(0)
  advance(300)
  assert.equal(monitor.silentMs(0), 300)
})

function watched() {
  const memory = new SharedMemory()
  let now = 1_000_000
  const monitor = new HeartMonitor(memory, 2, () => now)
  const beats = memory.claim('heartbeats', 2)
  return {
    monitor,
    beat: (thread: number) => void Atomics.add(beats, thread, 1),
    advance: (ms: number) => {
      now += ms
    },
  }
}
