import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import type { LogLine, LogsWanted } from '../../../gateway/contract/lifecycle.ts'
import { acmeFacts } from '../deployment-facts.ts'
import { SERVICES } from '../kubernetes/knative-controller.ts'
import { PodLog } from '../kubernetes/pod-log.ts'
import { serviceObject } from '../kubernetes/service-object.ts'
import { type ClusterOperator, openKnative } from './cluster-operator.ts'

const PODS = { group: '', version: 'v1', namespace: 'default', plural: 'pods' }
const ALL: LogsWanted = { follow: false, tail: null, sinceMs: null }
const at = (second: number, fraction = '000000000') =>
  `2026-11-22T10:00:${String(second).padStart(2, '0')}.${fraction}Z`

function addPod({ api }: ClusterOperator, name: string, revision = 'f-00001'): PodLog {
  const labels = { 'serving.knative.dev/service': 'f', 'serving.knative.dev/revision': revision }
  const containers = [{ name: 'queue-proxy' }, { name: 'user-container' }]
  const pod = { metadata: { name, labels }, spec: { containers } }
  api.objects.create(PODS, pod)
  const log = new PodLog()
  api.logs.set(name, log)
  return log
}

async function withService(t: Parameters<typeof openKnative>[0]): Promise<ClusterOperator> {
  const knative = await openKnative(t)
  knative.api.objects.create(SERVICES, serviceObject('f'))
  knative.controller.settle()
  return knative
}

const textsOf = async (lines: AsyncIterable<LogLine>) =>
  (await Array.fromAsync(lines)).map(({ text }) => text)

test('the logs of all pods are one, in the order of time, without those of the platform', async (t) => {
  const knative = await withService(t)
  const { lifecycle } = knative
  const [a, b] = [addPod(knative, 'f-a'), addPod(knative, 'f-b')]
  a.write(at(1), 'first')
  b.write(at(2), 'second')
  a.write(at(3, '000000001'), 'fourth')
  b.write(at(3), 'third')
  b.write(at(4), '  fünf\t')
  const lines = await Array.fromAsync(lifecycle.logs(acmeFacts('f'), ALL, AbortSignal.timeout(5000)))
  assert.deepEqual(
    lines.map(({ instance, text }) => [instance, text]),
    [
      ['f-a', 'first'],
      ['f-b', 'second'],
      ['f-b', 'third'],
      ['f-a', 'fourth'],
      ['f-b', '  fünf\t'],
    ],
  )
  assert.deepEqual(lines[0], { timeMs: Date.parse('2026-11-22T10:00:01Z'), instance: 'f-a', text: 'first' })
  assert.match(a.queries[0]!, /^container=user-container&timestamps=true$/)
})

test('lines are counted from the end over all pods, and from a time to the millisecond', async (t) => {
  const knative = await withService(t)
  const { lifecycle } = knative
  const [a, b] = [addPod(knative, 'f-a'), addPod(knative, 'f-b')]
  for (let i = 0; i < 10; i++) (i % 3 === 0 ? a : b).write(at(i, '500000000'), String(i))
  const read = (wanted: Partial<LogsWanted>) =>
    textsOf(lifecycle.logs(acmeFacts('f'), { ...ALL, ...wanted }, AbortSignal.timeout(5000)))
  assert.deepEqual(await read({ tail: 3 }), ['7', '8', '9'])
  assert.deepEqual(await read({ tail: 0 }), [])
  const sinceMs = Date.parse('2026-11-22T10:00:07.501Z')
  assert.deepEqual(await read({ sinceMs }), ['8', '9'])
  assert.deepEqual(await read({ sinceMs: sinceMs - 1, tail: 2 }), ['8', '9'])
})

test('a tag has the logs of its revision', async (t) => {
  const knative = await withService(t)
  const { api, lifecycle, controller } = knative
  const traffic = [{ percent: 100 }, { revisionName: 'f-00001', tag: 'old' }]
  const { metadata } = api.objects.get(SERVICES, 'f')
  api.objects.replace(SERVICES, 'f', { ...serviceObject('f', { image: 'b', traffic }), metadata }, false)
  controller.settle()
  addPod(knative, 'f-old').write(at(1), 'old')
  addPod(knative, 'f-new', 'f-00002').write(at(2), 'new')
  const read = (name: string) => textsOf(lifecycle.logs(acmeFacts(name), ALL, AbortSignal.timeout(5000)))
  assert.deepEqual(await read('f@old'), ['old'])
  assert.deepEqual(await read('f'), ['old', 'new'])
  await assert.rejects(read('f@none'), { kind: 'not-found', message: 'there is no service f@none' })
  await assert.rejects(read('g'), { kind: 'not-found', message: 'there is no service g' })
})

test('a pod that has not begun, and one that has nothing to say, are no errors', async (t) => {
  const knative = await withService(t)
  addPod(knative, 'f-a')
  addPod(knative, 'f-b')
  knative.api.logs.delete('f-a')
  assert.deepEqual(await textsOf(knative.lifecycle.logs(acmeFacts('f'), ALL, AbortSignal.timeout(5000))), [])
})

test('what is written from now on is followed, also in pods that come later and over connections that break', async (t) => {
  const knative = await withService(t)
  const { lifecycle } = knative
  const a = addPod(knative, 'f-a')
  for (let i = 0; i < 5; i++) a.write(at(1, `00000000${i}`), `a${i}`)
  const stop = new AbortController()
  t.after(() => stop.abort())
  const lines = lifecycle.logs(acmeFacts('f'), { ...ALL, follow: true, tail: 2 }, stop.signal)
  const reading = lines[Symbol.asyncIterator]()
  const next = async () => (await reading.next()).value?.text
  assert.deepEqual([await next(), await next()], ['a3', 'a4'])
  const followed = async () => {
    while (a.followers === 0) await pause(5)
  }
  let coming = next()
  await followed()
  a.write(at(1, '000000009'), 'a5')
  assert.equal(await coming, 'a5')
  a.breakOff()
  coming = next()
  await followed()
  a.write(at(2), 'a6')
  assert.equal(await coming, 'a6')
  addPod(knative, 'f-b').write(at(3), 'b0')
  assert.equal(await next(), 'b0')
  stop.abort()
  assert.equal((await reading.next()).done, true)
  while (a.followers > 0) await pause(5)
})

test('who wants nothing of what was written hears only what is new', async (t) => {
  const knative = await withService(t)
  const a = addPod(knative, 'f-a')
  for (let i = 0; i < 3; i++) a.write(at(i), `old ${i}`)
  const stop = new AbortController()
  t.after(() => stop.abort())
  const lines = knative.lifecycle.logs(acmeFacts('f'), { ...ALL, follow: true, tail: 0 }, stop.signal)
  const coming = lines[Symbol.asyncIterator]().next()
  while (a.followers === 0) await pause(5)
  a.write(at(9), 'new')
  assert.equal((await coming).value!.text, 'new')
})

test('who stops reading leaves no connection behind', async (t) => {
  const knative = await withService(t)
  const a = addPod(knative, 'f-a')
  a.write(at(1), 'one')
  const signal = AbortSignal.timeout(10_000)
  for await (const { text } of knative.lifecycle.logs(acmeFacts('f'), { ...ALL, follow: true }, signal)) {
    if (text === 'two') break
    void (async () => {
      while (a.followers === 0) await pause(5)
      a.write(at(2), 'two')
    })()
  }
  while (a.followers > 0) await pause(5)
})

test('a reader who is slow holds the pods back, not the memory', async (t) => {
  const knative = await withService(t)
  const a = addPod(knative, 'f-a')
  a.write(at(0), 'begin')
  const stop = new AbortController()
  t.after(() => stop.abort())
  const lines = knative.lifecycle.logs(acmeFacts('f'), { ...ALL, follow: true }, stop.signal)
  const reading = lines[Symbol.asyncIterator]()
  await reading.next()
  const coming = reading.next()
  while (a.followers === 0) await pause(5)
  const text = 'x'.repeat(10_000)
  for (let i = 0; i < 5000; i++) a.write(at(1, String(i).padStart(9, '0')), `${i} ${text}`)
  assert.match((await coming).value!.text, /^0 x/)
  assert.ok(a.waiting > 30_000_000, `${a.waiting} bytes wait at the pod`)
  for (let i = 1; i < 5000; i++) {
    const { value } = await reading.next()
    assert.equal((value as LogLine).text.startsWith(`${i} x`), true)
  }
})

test('a line that is too long is cut, one without a time keeps its place', async (t) => {
  const knative = await withService(t)
  const a = addPod(knative, 'f-a')
  a.write(at(1), 'y'.repeat(1_000_000))
  a.raw('rpc error: no log\n')
  a.write(at(2), 'after\r')
  const [long, plain, after] = await Array.fromAsync(
    knative.lifecycle.logs(acmeFacts('f'), ALL, AbortSignal.timeout(5000)),
  )
  assert.ok(long!.text.length > 200_000 && long!.text.length < 262_145)
  assert.deepEqual([plain!.timeMs, plain!.text], [null, 'rpc error: no log'])
  assert.equal(after!.text, 'after')
})

test('rights that are missing end the log with the words of the API', async (t) => {
  const knative = await withService(t)
  knative.api.denied.add('dispatch')
  await assert.rejects(textsOf(knative.lifecycle.logs(acmeFacts('f'), ALL, AbortSignal.timeout(5000))), {
    kind: 'denied',
  })
})
