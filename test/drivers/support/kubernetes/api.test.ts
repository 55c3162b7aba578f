import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { KubernetesApi } from '../../../../drivers/support/kubernetes/api.ts'
import { change } from '../../../../drivers/support/kubernetes/change.ts'
import { fieldsAt } from '../../../../drivers/support/kubernetes/fields.ts'
import { Kubeconfig } from '../../../../drivers/support/kubernetes/kubeconfig.ts'
import { asPlatformRefusal } from '../../../../drivers/support/kubernetes/refusal.ts'
import { serveBytes } from '../../../conformance/transport/servers.ts'
import { type Cluster, openCluster } from '../../kubernetes/cluster.ts'
import type { SentObject } from '../../kubernetes/object-store.ts'

const LIST = '/apis/example.com/v1/namespaces/default/things'
const RESOURCE = { group: 'example.com', version: 'v1', namespace: 'default', plural: 'things' }

const thing = (name: string, spec: object = {}): SentObject => ({
  apiVersion: 'example.com/v1',
  kind: 'Thing',
  metadata: { name },
  spec,
})

async function asking(t: TestContext): Promise<Cluster & { readonly asks: KubernetesApi }> {
  const cluster = await openCluster(t, ['example.com'])
  const asks = new KubernetesApi(new Kubeconfig(cluster.kubeconfig, null), 3000)
  t.after(() => asks.close())
  return { ...cluster, asks }
}

test('a long list is read page after page', async (t) => {
  const { api, asks } = await asking(t)
  for (let i = 0; i < 600; i++) api.objects.create(RESOURCE, thing(`t${i}`))
  assert.equal((await asks.list(LIST, undefined)).length, 600)
  assert.equal(api.asked.length, 3)
})

test('a stream that breaks off is an API that cannot be reached', async (t) => {
  const { write } = await openCluster(t, [])
  const url = await serveBytes(t, 'HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf')
  const asks = new KubernetesApi(new Kubeconfig(await write({}, { server: url }), null), 3000)
  t.after(() => asks.close())
  const read: string[] = []
  const reading = async () => {
    for await (const piece of await asks.stream(LIST, undefined, {})) read.push(piece.toString())
  }
  await assert.rejects(reading(), /cannot be reached/)
  assert.deepEqual(read, ['half'])
})

test('connections are kept: requests one after the other need no more than two', async (t) => {
  const { api, asks } = await asking(t)
  for (let i = 0; i < 20; i++) await asks.list(LIST, undefined)
  assert.ok(api.connections <= 2, String(api.connections))
})

test('a list without an end is given up', async (t) => {
  const text = JSON.stringify({ metadata: { continue: 'more' }, items: [1] })
  const url = await serveBytes(t, `HTTP/1.1 200 OK\r\nContent-Length: ${text.length}\r\n\r\n${text}`)
  const { write } = await openCluster(t, [])
  const asks = new KubernetesApi(new Kubeconfig(await write({}, { server: url }), null), 3000)
  t.after(() => asks.close())
  await assert.rejects(asks.list(LIST, undefined), /more than 10000 objects/)
})

test('what the API says goes on in its own words, with what it means', async (t) => {
  const { api, asks } = await asking(t)
  const refusalOf = async (asked: Promise<unknown>) => {
    const error = await asked.then(() => assert.fail('it was not refused'), asPlatformRefusal)
    const { kind, message } = error as { kind: string; message: string }
    return [kind, message]
  }
  api.objects.create(RESOURCE, thing('a'))
  const title = 'things.example.com'
  assert.deepEqual(await refusalOf(asks.get(`${LIST}/x`, undefined)), ['not-found', `${title} "x" not found`])
  assert.deepEqual(await refusalOf(asks.create(LIST, thing('a'), undefined)), [
    'failed',
    `${title} "a" already exists`,
  ])
  const labelled = { ...thing('b'), metadata: { name: 'b', labels: { team: 'no good!' } } }
  const [kind, message] = await refusalOf(asks.create(LIST, labelled, undefined))
  assert.equal(kind, 'invalid')
  assert.match(message!, /metadata\.labels: Invalid value: "no good!"/)
  const [missing, words] = await refusalOf(
    asks.get('/apis/other.com/v1/namespaces/default/things', undefined),
  )
  assert.deepEqual([missing, words], ['not-found', 'the API of Kubernetes answers 404: 404 page not found'])
  api.denied.add('dispatch')
  const [denied, why] = await refusalOf(asks.get(LIST, undefined))
  assert.equal(denied, 'denied')
  assert.match(why!, /^things\.example\.com is forbidden: User "dispatch" cannot list/)
})

test('who is asked to come again later does so, and not for ever', async (t) => {
  const { api, asks } = await asking(t)
  api.busy = 3
  await asks.get(LIST, undefined)
  api.busy = 10
  await assert.rejects(asks.get(LIST, undefined), { status: 429 })
  assert.equal(api.asked.length, 8)
})

test('an object that somebody else changes meanwhile is changed on top of that', async (t) => {
  const { api, asks } = await asking(t)
  const place = { list: LIST, object: `${LIST}/a` }
  const count = (existing: unknown) => {
    const { metadata } = (existing ?? thing('a')) as SentObject
    return { ...thing('a', { count: Number(fieldsAt(existing, 'spec')['count'] ?? 0) + 1 }), metadata }
  }
  assert.equal((await change(asks, place, count, undefined)).result, 'created')
  let others = 2
  api.beforeReplace = () => {
    if (others-- <= 0) return
    const { metadata } = api.objects.get(RESOURCE, 'a')
    const spec = { count: 10 * (others + 1) }
    api.objects.replace(RESOURCE, 'a', { ...thing('a', spec), metadata }, false)
  }
  assert.equal((await change(asks, place, count, undefined)).result, 'updated')
  assert.deepEqual(api.objects.get(RESOURCE, 'a').spec, { count: 11 })
  others = Number.POSITIVE_INFINITY
  await assert.rejects(change(asks, place, count, undefined), { status: 409, reason: 'Conflict' })
})

test('answers that are no JSON, or without an end, are errors and nothing more', async (t) => {
  const { write } = await openCluster(t, [])
  const ask = async (bytes: string) => {
    const url = await serveBytes(t, bytes)
    const asks = new KubernetesApi(new Kubeconfig(await write({}, { server: url }), null), 3000)
    t.after(() => asks.close())
    return asks.get(LIST, undefined)
  }
  await assert.rejects(ask('HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nnope'), /with what is no JSON/)
  const much = `HTTP/1.1 200 OK\r\nContent-Length: 20000000\r\n\r\n${' '.repeat(20_000_000)}`
  await assert.rejects(ask(much), /the answer is larger than 8 MiB/)
  await assert.rejects(ask('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{'), /cannot be reached/)
  const page = '<html>\u001b[31mno</html>'
  await assert.rejects(ask(`HTTP/1.1 502 Bad Gateway\r\nContent-Length: ${page.length}\r\n\r\n${page}`), {
    message: 'the API of Kubernetes answers 502',
  })
  await assert.rejects(
    ask('HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n'),
    {
      message: 'the API of Kubernetes answers 302',
    },
  )
})
