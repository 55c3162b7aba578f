import assert from 'node:assert/strict'
import { parentPort, workerData } from 'node:worker_threads'
import { rateLimit } from '../../../gateway/plugins/rate-limit.ts'
import { plainCall } from './call.ts'
import { pluginHost } from './host.ts'

/** A data-plane thread of the test over threads: waits for the others, makes the policy, calls, tells how many passed. */
const { options, memory, gate, calls } = workerData
const pieces = memory.size
const call = plainCall()
parentPort!.postMessage('ready')
Atomics.wait(gate, 0, 0)
const limits = rateLimit(() => Date.UTC(2030, 0, 1)).create(options, pluginHost(memory))
assert.equal(memory.size, pieces, 'the policy asked for memory that the other threads do not have')
let passed = 0
for (let i = 0; i < calls; i++) if (limits.access!(call) === undefined) passed++
parentPort!.postMessage(passed)
