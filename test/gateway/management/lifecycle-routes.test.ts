import assert from 'node:assert/strict'
import { once } from 'node:events'
import http from 'node:http'
import { test } from 'node:test'
import type { DeployProgress, LogsWanted } from '../../../gateway/contract/lifecycle.ts'
import { Rejection } from '../../../gateway/contract/rejection.ts'
import type { Change, DeployRequest } from '../../../gateway/management/lifecycle-host.ts'
import { openManagement } from '../../../gateway/management/open-management.ts'
import { AUTHORIZED, hostWith, lifecycleWith, openPort, TOKEN } from './support.ts'

const PATH = '/v1/organizations/acme/functions/resize/deployment'
const JSON_TYPE = { ...AUTHORIZED, 'content-type': 'application/json' }

test('a deployment is told step by step, the newest step where the client is slow', async (t) => {
  const asked: [Change, DeployRequest][] = []
  const lifecycle = lifecycleWith({
    async deploy(change, request, progress) {
      asked.push([change, request])
      const step = (detail: string): DeployProgress => ({ ready: 0, wanted: 1, detail })
      progress(step('one'))
      progress(step('two'))
      await new Promise((resolve) => setImmediate(resolve))
      progress(step('three'))
      return { backend: 'home', name: 'resize', result: 'created' }
    },
  })
  const { ask } = await openPort(t, hostWith({ lifecycle }))
  const answer = await ask(`${PATH}?backend=home`, {
    method: 'PUT',
    headers: { ...JSON_TYPE, 'x-request-id': 'r-17' },
    body: '{"image":"i:1","gpus":1}',
  })
  assert.equal(answer.headers['content-type'], 'application/x-ndjson')
  assert.deepEqual(
    answer.body
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line).progress?.detail ?? JSON.parse(line).result),
    ['two', 'three', 'created'],
  )
  const [change, request] = asked[0]!
  assert.deepEqual(change, {
    organization: 'acme',
    functionName: 'resize',
    backend: 'home',
    asker: { address: '127.0.0.1', requestId: 'r-17' },
  })
  assert.deepEqual([request.image, request.files, request.gpus, request.waitMs], ['i:1', null, 1, 300_000])
})

test('a refusal before the first line is the answer, and one after it is a line', async (t) => {
  const refusal = new Rejection('GW_PLATFORM_FAILED', 'no such image')
  let step: DeployProgress | null = null
  const lifecycle = lifecycleWith({
    async deploy(_change, _request, progress) {
      if (step !== null) progress(step)
      return refusal
    },
  })
  const { ask } = await openPort(t, hostWith({ lifecycle }))
  const put = () => ask(PATH, { method: 'PUT', headers: JSON_TYPE, body: '{"image":"i"}' })
  const before = await put()
  assert.deepEqual([before.status, before.headers['dispatch-error']], [502, 'GW_PLATFORM_FAILED'])
  step = { ready: 0, wanted: null, detail: 'x' }
  const after = await put()
  assert.equal(after.status, 200)
  const { problem } = JSON.parse(after.body.trimEnd().split('\n').at(-1)!)
  assert.deepEqual(
    [problem.code, problem.detail, problem.status],
    ['GW_PLATFORM_FAILED', 'no such image', 502],
  )
})

test('what is asked of logs and scale is what comes in, and odd queries are refused', async (t) => {
  const wanted: LogsWanted[] = []
  const scaled: number[] = []
  const lifecycle = lifecycleWith({
    async *logs(_change, asked) {
      wanted.push(asked)
      yield { timeMs: null, instance: null, text: 'said' }
    },
    async scale(_change, replicas) {
      scaled.push(replicas)
      return { backend: 'b', name: 'n', result: 'scaled' }
    },
  })
  const { ask } = await openPort(t, hostWith({ lifecycle }))
  const logs = async (query: string) => (await ask(`${PATH}/logs${query}`, { headers: AUTHORIZED })).status
  assert.equal(await logs(''), 200)
  assert.equal(await logs('?follow=true&tail=5&since=1000'), 200)
  assert.deepEqual(wanted, [
    { follow: false, tail: null, sinceMs: null },
    { follow: true, tail: 5, sinceMs: 1000 },
  ])
  for (const query of ['?tail=-1', '?tail=x', '?since=yesterday', '?follow=yes', '?odd=1'])
    assert.equal(await logs(query), 400, query)
  const scale = async (body: string) =>
    (await ask(`${PATH}/scale`, { method: 'POST', headers: JSON_TYPE, body })).status
  assert.equal(await scale('{"replicas":3}'), 200)
  for (const body of [
    '{}',
    '{"replicas":-1}',
    '{"replicas":"3"}',
    '{"replicas":1.5}',
    '{"replicas":1,"x":1}',
  ])
    assert.equal(await scale(body), 400, body)
  assert.deepEqual(scaled, [3])
})

test('an order above the bound is refused before it is read whole', async (t) => {
  const { ask } = await openPort(t)
  const headers = { ...JSON_TYPE, 'content-length': String(60 * 1024 * 1024) }
  const answer = await ask(PATH, { method: 'PUT', headers, body: '{' }).catch((error: Error) => error)
  assert.ok(!(answer instanceof Error), String(answer))
  assert.deepEqual([answer.status, answer.headers['dispatch-error']], [413, 'GW_BODY_TOO_LARGE'])
})

test('a port that closes ends a log that is followed', async (t) => {
  const lifecycle = lifecycleWith({
    async *logs(_change, _wanted, signal) {
      yield { timeMs: null, instance: null, text: 'one' }
      await once(signal, 'abort')
    },
  })
  const { port, close } = await openManagement(hostWith({ lifecycle }), {
    address: { host: '127.0.0.1', port: 0 },
    token: TOKEN,
    names: [],
  })
  const request = http.get({ port, path: `${PATH}/logs?follow=true`, headers: AUTHORIZED, agent: false })
  const [answer] = (await once(request, 'response')) as [http.IncomingMessage]
  t.after(() => request.destroy())
  await once(answer, 'data')
  const ended = once(answer, 'end')
  await close()
  await ended
})
