import assert from 'node:assert/strict'
import { test } from 'node:test'
import { RetryBudget } from '../../../gateway/capacity/retry-budget.ts'
import { OUTCOMES, type Outcome } from '../../../gateway/contract/outcome.ts'
import type { ActiveCall } from '../../../gateway/invocation/active-call.ts'
import { mayRetry } from '../../../gateway/invocation/retry.ts'

const FIRST = { backend: 'first' }
const SECOND = { backend: 'second' }
const SAFE = ['GET', 'HEAD', 'OPTIONS', 'PUT', 'DELETE']
const UNSAFE = ['POST', 'PATCH']

interface Situation {
  method?: string
  /** Deployments of the function; the first one was tried. */
  deployments?: object[]
  attempts?: number
  idempotent?: boolean
  hasIdempotencyKey?: boolean
  body?: 'none' | 'kept' | 'untouched' | 'touched'
  msLeft?: number
  retryBudget?: RetryBudget
}

test('what the function has answered is never tried again', () => {
  for (const method of [...SAFE, ...UNSAFE]) {
    assert.equal(may('answered', { method, idempotent: true }), false)
    assert.equal(may('function-error', { method, idempotent: true }), false)
  }
})

test('what was not executed is tried on another deployment, whatever the method', () => {
  for (const method of [...SAFE, ...UNSAFE]) {
    for (const outcome of outcomes('no')) {
      assert.equal(may(outcome, { method }), true, `${method} ${outcome}`)
      assert.equal(may(outcome, { method, deployments: [FIRST] }), false, `${method} ${outcome}, alone`)
    }
  }
})

test('what may have been executed is tried again only when it is safe to repeat', () => {
  for (const outcome of outcomes('maybe')) {
    for (const method of SAFE) assert.equal(may(outcome, { method }), true, `${method} ${outcome}`)
    for (const method of UNSAFE) {
      assert.equal(may(outcome, { method }), false, `${method} ${outcome}`)
      assert.equal(may(outcome, { method, idempotent: true }), true)
      assert.equal(may(outcome, { method, hasIdempotencyKey: true }), true)
    }
  }
})

test('alone, a deployment gets a second try only for a connection that broke', () => {
  for (const outcome of [...outcomes('maybe'), ...outcomes('no')]) {
    assert.equal(may(outcome, { deployments: [FIRST] }), outcome === 'reset', outcome)
  }
})

test('a body is sent again when it is whole in memory, or when no byte of it is gone', () => {
  for (const [body, expected] of [
    ['none', true],
    ['kept', true],
    ['untouched', true],
    ['touched', false],
  ] as const) {
    assert.equal(may('unreachable', { method: 'POST', body }), expected, body)
    assert.equal(may('reset', { method: 'PUT', body }), expected, body)
  }
})

test('there are as many attempts as configured', () => {
  assert.equal(may('unreachable', { attempts: 2 }), true)
  assert.equal(may('unreachable', { attempts: 3 }), false)
})

test('nothing is tried again after the deadline', () => {
  assert.equal(may('unreachable', { msLeft: 0 }), false)
  assert.equal(may('unreachable', { msLeft: -5 }), false)
})

test('each retry is taken from the budget, a refused one is not', () => {
  const retryBudget = new RetryBudget()
  for (let i = 0; i < 50; i++) may('reset', { method: 'POST', retryBudget })
  let retries = 0
  while (may('reset', { retryBudget })) retries++
  assert.equal(retries, 100)
})

/** All in one tier. */
function placementOf(deployments: object[]): object {
  return { planFor: () => ({ tiers: [{ deployments, burst: false }] }) }
}

function outcomes(executed: 'no' | 'maybe'): Outcome[] {
  return (Object.keys(OUTCOMES) as Outcome[]).filter((outcome) => OUTCOMES[outcome].executed === executed)
}

function may(outcome: Outcome, situation: Situation): boolean {
  const { method = 'GET', deployments = [FIRST, SECOND], attempts = 1, body = 'none' } = situation
  const { idempotent = false, hasIdempotencyKey = false, msLeft = 1000 } = situation
  const { retryBudget = new RetryBudget() } = situation
  // The parts of a call that the answer hangs on; a whole one needs a Snapshot and an Exchange.
  const call = {
    method,
    hasIdempotencyKey,
    attempts,
    attempt: { deployment: deployments[0] },
    hint: null,
    entryZone: null,
    route: { maxAttempts: 3, idempotent, target: { placement: placementOf(deployments), retryBudget } },
    deadlineAt: Date.now() + msLeft,
    bodyLength: body === 'none' ? 0 : 10,
    body: body === 'kept' ? Buffer.alloc(10) : null,
    exchange: { bodyTouched: body === 'touched' },
  }
  return mayRetry(call as unknown as ActiveCall, outcome)
}
