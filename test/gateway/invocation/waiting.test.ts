import assert from 'node:assert/strict'
import type http from 'node:http'
import net from 'node:net'
import { type TestContext, test } from 'node:test'
import type { Call } from '../../../gateway/contract/call.ts'
import { cutCalls } from '../../../gateway/threads/cut-calls.ts'
import { until } from '../../e2e/observe.ts'
import { startUpstream } from '../../e2e/upstream.ts'
import { openPipeline, type Pipeline, spyPlugin } from '../pipeline.ts'

/** A call that is on its way. */
interface Sent {
  readonly answer: Promise<Response>
}

interface Bench {
  readonly pipeline: Pipeline
  /** Targets that reached the backend, in order. */
  readonly arrived: string[]
  /** Answers the oldest call that the backend has. */
  answerOne(): void
  get(path: string, init?: RequestInit): Promise<Response>
  /** Starts a call and waits until it waits. */
  queue(path: string, init?: RequestInit): Promise<Sent>
}

/** A gateway whose backend takes one call at a time and answers when it is told to. */
async function openBench(
  t: TestContext,
  fn: Record<string, unknown> = {},
  backend: Record<string, unknown> = { functionConcurrency: 1 },
): Promise<Bench> {
  const open: http.ServerResponse[] = []
  const arrived: string[] = []
  const upstream = await startUpstream(t, ({ target, body }, response) => {
    arrived.push(target)
    response.setHeader('x-body-bytes', body.length)
    open.push(response)
  })
  const pipeline = await openPipeline(
    {
      defaults: { plugins: { as: {} } },
      backends: { b: { driver: 'http', url: upstream.url, ...backend } },
      functions: { f: { deployments: ['b'], waiting: { time: '1m' }, ...fn }, g: { deployments: ['b'] } },
      routes: [
        { path: '/g/*', function: 'g', auth: 'none' },
        { path: '/*', function: 'f', auth: 'none', retries: { attempts: 3 } },
      ],
    },
    spyPlugin('as', { access: actAs }),
  )
  t.after(() => pipeline.close())
  const { waitingRoom } = pipeline.services
  const get = (path: string, init?: RequestInit) => fetch(`${pipeline.url}${path}`, init)
  return {
    pipeline,
    arrived,
    answerOne: () => void open.shift()?.end('ok'),
    get,
    async queue(path, init) {
      const before = waitingRoom.size
      const answer = get(path, init)
      answer.catch(() => {})
      await until(() => waitingRoom.size > before, `${path} waits`)
      return { answer }
    },
  }
}

/** Whoever names an organization belongs to it. */
function actAs(call: Call): undefined {
  const organization = call.header('x-organization')
  if (organization !== null) Object.assign(call, { principal: { organization } })
}

/** Takes the only slot. */
async function fill({ get, arrived }: Bench, path = '/first'): Promise<Sent> {
  const answer = get(path)
  await until(() => arrived.includes(path), `${path} is served`)
  return { answer }
}

test('calls that find no room wait, and are served in the order in which they came', async (t) => {
  const bench = await openBench(t)
  const answers = [await fill(bench)]
  for (const path of ['/2', '/3', '/4']) answers.push(await bench.queue(path))
  assert.deepEqual(bench.arrived, ['/first'])
  for (const [i, { answer }] of answers.entries()) {
    bench.answerOne()
    assert.equal((await answer).status, 200)
    await until(() => bench.arrived.length === Math.min(4, i + 2), 'the next is served')
  }
  assert.deepEqual(bench.arrived, ['/first', '/2', '/3', '/4'])
  assert.equal(bench.pipeline.services.waitingRoom.size, 0)
})

test('a call that waited says so in its timing, one that did not says nothing of it', async (t) => {
  const bench = await openBench(t)
  const headers = { 'dispatch-timing': '1' }
  const first = bench.get('/first', { headers })
  await until(() => bench.arrived.length === 1, 'it is served')
  const second = await bench.queue('/second', { headers })
  bench.answerOne()
  assert.doesNotMatch((await first).headers.get('server-timing')!, /queue/)
  await until(() => bench.arrived.length === 2, 'the second is served')
  bench.answerOne()
  assert.match(
    (await second.answer).headers.get('server-timing')!,
    /^access;dur=[\d.]+, queue;dur=[\d.]+, upstream;dur=[\d.]+$/,
  )
})

test('where none may wait a call is refused at once, with when to come back', async (t) => {
  const bench = await openBench(t, { waiting: { most: 0 } })
  const first = await fill(bench)
  const refused = await bench.get('/second')
  assert.equal(refused.status, 503)
  assert.equal(refused.headers.get('dispatch-error'), 'GW_SATURATED')
  assert.match(refused.headers.get('retry-after')!, /^([1-9]|[12]\d|30)$/)
  const problem = (await refused.json()) as Record<string, unknown>
  assert.deepEqual([problem['component'], problem['attempts']], ['gateway', 0])
  bench.answerOne()
  assert.equal((await first.answer).status, 200)
  assert.deepEqual(bench.arrived, ['/first'])
})

test('no more wait than may', async (t) => {
  const bench = await openBench(t, { waiting: { most: 2, time: '1m' } })
  const answers = [await fill(bench), await bench.queue('/2'), await bench.queue('/3')]
  assert.equal((await bench.get('/4')).status, 503)
  for (const [i, { answer }] of answers.entries()) {
    await until(() => bench.arrived.length > i, 'the next is served')
    bench.answerOne()
    assert.equal((await answer).status, 200)
  }
})

test('a client that leaves while it waits gives its place away, and its call is never sent', async (t) => {
  const bench = await openBench(t, { waiting: { most: 1, time: '1m' } })
  const first = await fill(bench)
  const { waitingRoom } = bench.pipeline.services
  const leaver = net.connect(bench.pipeline.port, '127.0.0.1')
  leaver.write('GET /leaver HTTP/1.1\r\nHost: x\r\n\r\n')
  await until(() => waitingRoom.size === 1, 'it waits')
  assert.equal((await bench.get('/too-many')).status, 503)
  leaver.destroy()
  await until(() => waitingRoom.size === 0, 'it is gone')
  const second = await bench.queue('/second')
  bench.answerOne()
  assert.equal((await first.answer).status, 200)
  await until(() => bench.arrived.length === 2, 'the second is served')
  bench.answerOne()
  assert.equal((await second.answer).status, 200)
  assert.deepEqual(bench.arrived, ['/first', '/second'])
})

test('who waited as long as it may is refused, and was not sent', async (t) => {
  const bench = await openBench(t, { waiting: { time: '150ms' } })
  const first = await fill(bench)
  const startedAt = performance.now()
  const refused = await await (await bench.queue('/second')).answer
  const tookMs = performance.now() - startedAt
  assert.equal(refused.headers.get('dispatch-error'), 'GW_SATURATED')
  assert.ok(tookMs >= 145, `after ${tookMs} ms`)
  bench.answerOne()
  assert.equal((await first.answer).status, 200)
  assert.deepEqual(bench.arrived, ['/first'])
})

test('the deadline ends a wait with 503 and not with 504: nothing was executed', async (t) => {
  const bench = await openBench(t, { timeout: '200ms', waiting: { time: '1m' } }, { concurrency: 1 })
  const first = await fill(bench, '/g/first')
  const refused = await (await bench.queue('/second')).answer
  assert.equal(refused.headers.get('dispatch-error'), 'GW_SATURATED')
  assert.ok(refused.headers.has('retry-after'))
  bench.answerOne()
  assert.equal((await first.answer).status, 200)
  assert.deepEqual(bench.arrived, ['/g/first'])
})

test('a call whose body is in memory and one whose body is streamed arrive whole after their wait', async (t) => {
  const bench = await openBench(t)
  const answers = [await fill(bench)]
  const small = { method: 'POST', body: Buffer.alloc(1000) }
  const large = { method: 'POST', body: Buffer.alloc(3_000_000) }
  answers.push(await bench.queue('/small', small), await bench.queue('/large', large))
  for (const [i, size] of ['0', '1000', '3000000'].entries()) {
    await until(() => bench.arrived.length > i, `the ${i}. arrives`)
    bench.answerOne()
    assert.equal((await answers[i]!.answer).headers.get('x-body-bytes'), size)
  }
})

test('functions of one backend wait for each other, and take turns', async (t) => {
  const bench = await openBench(t, {}, { concurrency: 1 })
  const answers = [await fill(bench)]
  for (const path of ['/1', '/2', '/g/1', '/3']) answers.push(await bench.queue(path))
  for (let i = 0; i < 5; i++) {
    await until(() => bench.arrived.length > i, 'the next is served')
    bench.answerOne()
  }
  await Promise.all(answers.map(({ answer }) => answer))
  assert.deepEqual(bench.arrived, ['/first', '/1', '/g/1', '/2', '/3'])
})

test('a call that comes while others wait does not overtake them', async (t) => {
  const bench = await openBench(t)
  const answers = [await fill(bench), await bench.queue('/2')]
  bench.answerOne()
  answers.push({ answer: bench.get('/3') })
  for (let i = 1; i < 3; i++) {
    await until(() => bench.arrived.length > i, 'the next is served')
    bench.answerOne()
  }
  await Promise.all(answers.map(({ answer }) => answer))
  assert.deepEqual(bench.arrived, ['/first', '/2', '/3'])
})

test('a call with a hint waits apart: it holds up none that takes anything', async (t) => {
  const open = new Map<string, http.ServerResponse>()
  const start = (name: string) =>
    startUpstream(t, ({ target }, response) => void open.set(`${name} ${target}`, response))
  const [cpu, gpu] = [await start('cpu'), await start('gpu')]
  const pipeline = await openPipeline(
    {
      backends: {
        cpu: { driver: 'http', url: cpu.url, functionConcurrency: 1 },
        gpu: { driver: 'http', url: gpu.url, functionConcurrency: 1, offers: { gpu: true } },
      },
      functions: { f: { deployments: ['cpu', 'gpu'], waiting: { time: '1m' } } },
      routes: [{ path: '/*', function: 'f', auth: 'none' }],
    },
    spyPlugin('spy', {}),
  )
  t.after(() => pipeline.close())
  const get = (path: string, headers = {}) => fetch(`${pipeline.url}${path}`, { headers })
  const answers = [get('/1'), get('/2')]
  await until(() => open.size === 2, 'both backends are full')
  const { waitingRoom } = pipeline.services
  answers.push(get('/picky', { 'dispatch-hint': 'gpu' }))
  await until(() => waitingRoom.size === 1, 'it waits')
  answers.push(get('/any'))
  await until(() => waitingRoom.size === 2, 'so does the other')
  const finish = (backend: string) => {
    const [key, response] = [...open].find(([name]) => name.startsWith(backend))!
    open.delete(key)
    response.end(key)
  }
  finish('cpu')
  await until(() => open.has('cpu /any'), 'who takes anything is served')
  assert.equal(waitingRoom.size, 1)
  finish('gpu')
  await until(() => open.has('gpu /picky'), 'who waited for it is served')
  finish('cpu')
  finish('gpu')
  for (const answer of answers) assert.equal((await answer).status, 200)
})

test('a call that fails over waits for the other deployment when that is full', async (t) => {
  const open: http.ServerResponse[] = []
  const good = await startUpstream(t, (_request, response) => void open.push(response))
  const full = await startUpstream(t, ({ target }, response) => {
    if (target.startsWith('/full')) response.writeHead(429).end()
    else response.destroy()
  })
  const pipeline = await openPipeline(
    {
      backends: {
        near: { driver: 'http', url: full.url, zone: 'r/a', functionConcurrency: 10 },
        far: { driver: 'http', url: good.url, zone: 's/a', functionConcurrency: 1 },
      },
      placement: { zone: 'r/a' },
      functions: { f: { deployments: ['near', 'far'], waiting: { time: '1m' } } },
      routes: [{ path: '/*', function: 'f', auth: 'none', retries: { attempts: 3 } }],
    },
    spyPlugin('spy', {}),
  )
  t.after(() => pipeline.close())
  const first = fetch(`${pipeline.url}/first`)
  await until(() => open.length === 1, 'the far one is full')
  const second = fetch(`${pipeline.url}/second`)
  await until(() => pipeline.services.waitingRoom.size === 1, 'it waits')
  open.shift()!.end('ok')
  assert.equal((await first).status, 200)
  await until(() => open.length === 1, 'it is served')
  open.shift()!.end('ok')
  assert.equal((await second).status, 200)
})

test('neither a call that fails over nor another hint holds up a call that there is room for', async (t) => {
  const open: http.ServerResponse[] = []
  const near = await startUpstream(t, ({ target }, response) => {
    if (target === '/fails') response.destroy()
    else response.end('near')
  })
  const far = await startUpstream(t, (_request, response) => void open.push(response))
  const pipeline = await openPipeline(
    {
      backends: {
        near: { driver: 'http', url: near.url, zone: 'r/a' },
        far: { driver: 'http', url: far.url, zone: 's/a', functionConcurrency: 1, offers: { gpu: true } },
      },
      placement: { zone: 'r/a' },
      functions: { f: { deployments: ['near', 'far'], waiting: { time: '1m' } } },
      routes: [{ path: '/*', function: 'f', auth: 'none', retries: { attempts: 2 } }],
    },
    spyPlugin('spy', {}),
  )
  t.after(() => pipeline.close())
  const { waitingRoom } = pipeline.services
  const get = (path: string, hint?: string) =>
    fetch(`${pipeline.url}${path}`, hint === undefined ? {} : { headers: { 'dispatch-hint': hint } })
  const first = get('/far', 'gpu')
  await until(() => open.length === 1, 'the far one is full')
  const waiting = [get('/far', 'gpu')]
  await until(() => waitingRoom.size === 1, 'who wants it waits')
  waiting.push(get('/fails'))
  await until(() => waitingRoom.size === 2, 'and who has nobody else')
  for (let i = 0; i < 5; i++) {
    assert.equal(await (await get('/any')).text(), 'near')
    assert.equal(await (await get('/near', 'zone="r"')).text(), 'near')
  }
  assert.equal(waitingRoom.size, 2)
  for (const answer of [first, ...waiting]) {
    await until(() => open.length === 1, 'the far one is asked')
    open.shift()!.end('far')
    assert.equal((await answer).status, 200)
  }
})

test('callers of two organizations take turns, and a flood of one leaves the other a place', async (t) => {
  const bench = await openBench(t, { waiting: { most: 4, time: '1m' } })
  const { waitingRoom } = bench.pipeline.services
  const of = (organization: string) => ({ headers: { 'x-organization': organization } })
  const first = await fill(bench)
  const flood: Sent[] = []
  for (const path of ['/a1', '/a2', '/a3', '/a4']) flood.push(await bench.queue(path, of('a')))
  const refused = flood.pop()!
  const other = bench.get('/b1', of('b'))
  // The last of the flood makes room.
  assert.equal((await refused.answer).headers.get('dispatch-error'), 'GW_SATURATED')
  await until(() => waitingRoom.size === 4, 'the other waits in its place')
  for (let i = 0; i < 5; i++) {
    await until(() => bench.arrived.length > i, 'the next is served')
    bench.answerOne()
  }
  for (const answer of [first.answer, other, ...flood.map(({ answer }) => answer)])
    assert.equal((await answer).status, 200)
  assert.deepEqual(bench.arrived, ['/first', '/a1', '/b1', '/a2', '/a3'])
})

test('when the time to finish is over, calls that wait are told that the gateway stops', async (t) => {
  const bench = await openBench(t)
  const { calls, waitingRoom } = bench.pipeline.services
  const answers = [await fill(bench), await bench.queue('/2'), await bench.queue('/3')]
  assert.equal(cutCalls(calls), 3)
  for (const { answer } of answers) assert.equal((await answer).headers.get('dispatch-error'), 'GW_DRAINING')
  assert.equal(waitingRoom.size, 0)
  assert.deepEqual(bench.arrived, ['/first'])
})

test('whatever ends a call, nothing is left of it', async (t) => {
  const bench = await openBench(t, { timeout: '300ms', waiting: { most: 3, time: '100ms' } })
  const { calls, waitingRoom } = bench.pipeline.services
  const leaver = new AbortController()
  const answers = [
    bench.get('/never'),
    ...['/2', '/3'].map((path) => bench.get(path)),
    bench.get('/leaves', { signal: leaver.signal }).catch(() => null),
    ...Array.from({ length: 5 }, (_, i) => bench.get(`/refused/${i}`)),
  ]
  await until(() => waitingRoom.size === 3, 'three wait')
  leaver.abort()
  await Promise.all(answers)
  await until(() => calls.size === 0 && waitingRoom.size === 0, 'all are over')
  const target = bench.pipeline.snapshot.functions.get('default/f')
  assert.equal(target?.load.waiting, 0)
  assert.equal(target?.load.waitingForAny, 0)
  assert.ok(target?.deployments.every(({ slot }) => slot.inFlight === 0))
})
