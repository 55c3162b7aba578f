import assert from 'node:assert/strict'
import http from 'node:http'
import { text } from 'node:stream/consumers'
import { type TestContext, test } from 'node:test'
import { type Cleanup, startTestGateway } from '../e2e/gateway.ts'
import { Load } from '../e2e/load.ts'
import { startUpstream } from '../e2e/upstream.ts'

/** Calls that the backend works on at once, and how long each takes: the others wait in line. */
const AT_ONCE = 10
const TAKES_MS = 120

/** Clients of the flood; each comes back shortly after a refusal. Together more than ten times what they may. */
const FLOOD = 60
const BACK_AFTER_MS = 50
const QUIET_CLIENTS = 4
/** What else the machine does is not the tenant: one round without it is enough. */
const ROUNDS = 3
const CALLS_EACH = 25

test('G14 one tenant floods: the others get no error, and their p99 at most doubles', async (t) => {
  const backend = await startSlowBackend(t)
  const tenant = (path: string) => ({
    functions: { f: { deployments: ['shared'], timeout: '20s' } },
    routes: [{ path, function: 'f', auth: 'none' }],
  })
  const gateway = await startTestGateway(t, {
    gateway: { threads: 1 },
    backends: { shared: { driver: 'http', url: backend } },
    defaults: { plugins: { 'concurrency-limit': { limit: 5, by: 'organization' } } },
    organizations: { loud: tenant('/loud'), quiet: tenant('/quiet') },
  })
  await quietCalls(t, gateway.port, 3)
  for (let round = 1; ; round++) {
    const alone = p99(await quietCalls(t, gateway.port, CALLS_EACH))
    const flood = new Load({
      port: () => gateway.port,
      connections: FLOOD,
      pauseMs: BACK_AFTER_MS,
      request: 'GET /loud HTTP/1.1\r\nHost: own.test\r\n\r\n',
      judge: (head) => (/^HTTP\/1\.1 (200|429) /.test(head) ? null : head),
    })
    const flooded = p99(await quietCalls(t, gateway.port, CALLS_EACH))
    const { answered, failures } = await flood.stop()
    t.diagnostic(
      `p99 ${alone.toFixed(0)} ms alone, ${flooded.toFixed(0)} ms beside ${answered} calls of a flood`,
    )
    assert.deepEqual(failures, [])
    assert.ok(answered > 10 * QUIET_CLIENTS * CALLS_EACH, 'that was no flood')
    if (flooded <= 2 * alone) break
    assert.ok(round < ROUNDS, `${flooded} ms are more than twice ${alone} ms`)
  }
})

/** @returns Milliseconds of each call; every one must be answered as it should be. */
async function quietCalls(t: TestContext, port: number, each: number): Promise<number[]> {
  const agent = new http.Agent({ keepAlive: true })
  t.after(() => agent.destroy())
  const durations: number[] = []
  const client = async () => {
    for (let i = 0; i < each; i++) {
      const start = performance.now()
      const response = await new Promise<http.IncomingMessage>((resolve, reject) => {
        http.get({ port, host: '127.0.0.1', path: '/quiet', agent }, resolve).on('error', reject)
      })
      assert.deepEqual([response.statusCode, await text(response)], [200, 'done'])
      durations.push(performance.now() - start)
    }
  }
  await Promise.all(Array.from({ length: QUIET_CLIENTS }, client))
  return durations
}

/** A backend of fixed capacity that serves in the order of arrival. */
async function startSlowBackend(t: Cleanup): Promise<string> {
  const line: http.ServerResponse[] = []
  let working = 0
  const work = () => {
    while (working < AT_ONCE && line.length > 0) {
      const response = line.shift()!
      working++
      setTimeout(() => {
        working--
        response.end('done')
        work()
      }, TAKES_MS)
    }
  }
  const { url } = await startUpstream(t, (_request, response) => {
    line.push(response)
    work()
  })
  return url
}

function p99(durations: readonly number[]): number {
  return durations.toSorted((a, b) => a - b)[Math.ceil(durations.length * 0.99) - 1]!
}
