import assert from 'node:assert/strict'
import https from 'node:https'
import { type TestContext, test } from 'node:test'
import type { TLSSocket } from 'node:tls'
import { driver } from '../../drivers/knative.ts'
import type { Invoker } from '../../gateway/contract/driver.ts'
import { createAuthority, createServerCertificate } from '../../gateway/development/certificate-authority.ts'
import { type Asked, TestAttempt } from '../conformance/driver/test-attempt.ts'
import { listen, shut } from '../loopback.ts'
import { facts } from './deployment-facts.ts'
import { knativeOptions, operatorHost } from './driver-hosts.ts'
import { KnativePlatform, type RevisionOptions } from './knative-platform.ts'
import { openInvoker, openOperator } from './open-driver.ts'
import { recording } from './recording-server.ts'

const url = 'http://{name}.{namespace}.fn.example.com'
function invokerFor(t: TestContext, options: Partial<Parameters<typeof knativeOptions>[0]> = {}): Invoker {
  return openInvoker(t, driver, knativeOptions({ url, ...options }))
}

const ask = (invoker: Invoker, name: string, asked: Asked = { path: '/' }) =>
  new TestAttempt(facts(name), asked).run(invoker).over()

async function platform(t: TestContext, options: RevisionOptions) {
  const knative = new KnativePlatform()
  const slow = (await import('node:http')).createServer((request, response) => {
    if (request.url === '/late') response.write('begun')
  })
  const port = await listen(slow)
  t.after(() => {
    knative.close()
    shut(slow)
  })
  knative.deploy('f.default.fn.example.com', port, options)
  return invokerFor(t, { ingress: await knative.listen() })
}

test('the host tells the service, its namespace and its tag, whatever host the client asked for', async (t) => {
  const { server, ingress } = await recording(t)
  await ask(invokerFor(t, { ingress }), 'hello', { path: '/x?q=1' })
  await ask(invokerFor(t, { ingress, namespace: 'blue' }), 'hello@next')
  await ask(invokerFor(t, { ingress, tagged: '{name}-{tag}', url: `${url}/v1` }), 'hello@next', {
    path: '/x',
  })
  assert.deepEqual(
    server.requests.map(({ target, headers }) => [target, new Map(headers).get('host')]),
    [
      ['/x?q=1', 'hello.default.fn.example.com'],
      ['/', 'next-hello.blue.fn.example.com'],
      ['/v1/x', 'hello-next.default.fn.example.com'],
    ],
  )
})

test('without an ingress the host itself is connected to', async (t) => {
  const { server, ingress } = await recording(t)
  await ask(invokerFor(t, { url: `http://{name}:${ingress.port}` }), 'localhost')
  assert.deepEqual(server.sent('host'), [`localhost:${ingress.port}`])
})

test('clients cannot pass for a probe, choose a revision or give orders to the ingress', async (t) => {
  const { server, ingress } = await recording(t)
  const refused = [
    ...['k-network-probe', 'k-kubelet-probe', 'k-proxy-request', 'k-original-host', 'k-passthrough-lb'],
    ...['knative-serving-revision', 'knative-serving-namespace', 'knative-serving-tag'],
    ...['knative-serving-default-route', 'forwarded', 'x-envoy-retry-on', 'x-envoy-upstream-rq-timeout-ms'],
  ]
  const headers = ['x-kept', '1', ...refused.flatMap((name) => [name, 'queue']), 'k-mine', '2']
  for (const agent of [
    'kube-probe/1.30',
    'Knative-Activator-Probe',
    'knative-autoscaling-probe/2',
    'curl/8',
  ]) {
    await ask(invokerFor(t, { ingress }), 'hello', { path: '/', headers: [...headers, 'user-agent', agent] })
    const sent = new Map(server.requests.at(-1)!.headers)
    for (const name of refused) assert.equal(sent.get(name), undefined, name)
    assert.deepEqual([sent.get('x-kept'), sent.get('k-mine')], ['1', '2'])
    assert.equal(sent.get('user-agent'), agent === 'curl/8' ? agent : undefined)
  }
})

test('over TLS an ingress has to prove that it is the service', async (t) => {
  const authority = await createAuthority(Date.now())
  const host = 'hello.default.fn.example.com'
  const { key, certificate: cert } = await createServerCertificate(authority, [host], Date.now())
  const names: unknown[] = []
  const server = https.createServer({ key, cert }, (request, response) => {
    names.push((request.socket as TLSSocket & { servername: unknown }).servername, request.headers.host)
    response.end()
  })
  const port = await listen(server)
  t.after(() => shut(server))
  const ingress = { host: '127.0.0.1', port }
  const invoker = invokerFor(t, { url: url.replace('http', 'https'), ingress, ca: authority.certificate })
  assert.equal((await ask(invoker, 'hello')).outcome, 'answered')
  assert.equal((await ask(invoker, 'other')).outcome, 'unreachable')
  assert.deepEqual(names, [host, host])
})

test('a call that waits for its turn at the revision is served after the one before', async (t) => {
  const invoker = await platform(t, { containerConcurrency: 1 })
  const first = new TestAttempt(facts('f'), { path: '/late' }).run(invoker)
  await first.until(({ received }) => received > 0, 'the first piece')
  const second = new TestAttempt(facts('f'), { path: '/late' }).run(invoker)
  first.abort()
  await second.until(({ received }) => received > 0, 'its turn')
  second.abort()
})

test('the time-out of the revision is a time-out, and no news after the answer has begun', async (t) => {
  const invoker = await platform(t, { timeoutMs: 20 })
  assert.equal((await ask(invoker, 'f')).outcome, 'timeout')
  const begun = await ask(invoker, 'f', { path: '/late' })
  assert.deepEqual([begun.outcome, begun.text], ['answered', 'begunrequest timeout'])
})

test('a revision that the activator does not know is not found', async (t) => {
  const attempt = await ask(await platform(t, { inactive: true }), 'f')
  assert.equal(attempt.outcome, 'not-found', attempt.summary())
})

test('a platform is as well as it says under `health`', async (t) => {
  const { ingress } = await recording(t)
  const health = `http://127.0.0.1:${ingress.port}/ready?x`
  const operator = await openOperator(t, driver, knativeOptions({ url, health }))
  assert.deepEqual(await operator.probe(), { ready: true, detail: 'healthy' })
  assert.equal(driver.operator!(knativeOptions({ url }), operatorHost()), null)
})

test('what cannot be a host is refused with a sentence', (t) => {
  const refused: [Parameters<typeof knativeOptions>[0], string, RegExp][] = [
    [{ url: 'http://fn.example.com/' }, 'hello', /needs \{name\}/],
    [{ url: 'http://{name}.example.com/{namespace}' }, 'hello', /host of url only/],
    [{ url, tagged: '{name}' }, 'hello', /needs \{tag\} and \{name\}/],
    [{ url }, 'Hello', /no service of Knative/],
    [{ url }, 'a.b', /no service of Knative/],
    [{ url }, 'a@', /no service of Knative/],
    [{ url }, 'a@b@c', /no service of Knative/],
    [{ url }, 'evil:80/', /no service of Knative/],
    [{ url }, `${'a'.repeat(40)}@${'b'.repeat(40)}`, /which is none/],
    [{ url: 'http://{other}.{name}.example.com/' }, 'hello', /which is none/],
  ]
  for (const [options, name, message] of refused) {
    assert.throws(() => invokerFor(t, options).check!(facts(name)), message, name)
  }
  for (const name of ['hello', 'hello@next', 'a', 'a-1@1']) invokerFor(t).check!(facts(name))
})
