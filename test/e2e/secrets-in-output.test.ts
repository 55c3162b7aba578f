import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { startChildGateway } from './child-gateway.ts'
import { until } from './edge.ts'
import { startTestGateway } from './gateway.ts'
import { rawExchange } from './raw-client.ts'

const BACKEND_SECRET = 'backend-s3cr3t'
const CLIENT_SECRET = 'client-s3cr3t'

test('L06 credentials of backends and callers are in no answer, log line or metric', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'dispatch-test-'))
  t.after(() => rm(folder, { recursive: true, force: true }))
  const file = join(folder, 'secret')
  await writeFile(file, `Bearer ${BACKEND_SECRET}\n`)
  const gateway = await startChildGateway(t, {
    gateway: { logLevel: 'debug', accessLog: { enabled: true } },
    identity: { apiKeys: { keys: [{ name: 'ci', hash: `sha256:${'0'.repeat(64)}` }] } },
    backends: {
      down: { driver: 'http', url: 'http://127.0.0.1:9', credential: { value: { file } } },
    },
    functions: { f: { deployments: ['down'] } },
    routes: [
      { path: '/open/*', function: 'f', auth: 'none' },
      { path: '/closed/*', function: 'f' },
    ],
  })
  const send = async (target: string, ...lines: string[]) => {
    const bytes = [`GET ${target} HTTP/1.1`, 'Host: own.test', ...lines, '', ''].join('\r\n')
    return await rawExchange(gateway.port, bytes, { answers: 1 })
  }
  const sent = [
    await send('/open/x', `Authorization: Bearer ${CLIENT_SECRET}`, `Cookie: session=${CLIENT_SECRET}`),
    await send('/closed/x', `Authorization: Bearer ${CLIENT_SECRET}`),
    await send('/closed/x', `X-API-Key: ${CLIENT_SECRET}`),
    await send(`/closed/x?access_token=${CLIENT_SECRET}`),
    await send('/open/x', `Authorization : ${CLIENT_SECRET}`),
  ]
  assert.deepEqual(
    sent.map(({ answers }) => answers[0]?.status),
    [502, 401, 401, 400, 400],
  )
  for (const { raw } of sent) assert.ok(!raw.includes('s3cr3t'), raw.toString('latin1'))
  assert.doesNotMatch(await (await fetch(`${gateway.management}/metrics`)).text(), /s3cr3t/)
  // The refused calls have their lines in the access log.
  await until(() => gateway.output().split('GW_CREDENTIAL').length > 2)
  assert.doesNotMatch(gateway.output(), /s3cr3t/)
})

test('L06 an address with credentials is refused, and the message does not repeat them', async (t) => {
  const config = {
    backends: { b: { driver: 'http', url: `http://user:${BACKEND_SECRET}@127.0.0.1:9/` } },
    functions: { f: { deployments: ['b'] } },
    routes: [{ path: '/*', function: 'f', auth: 'none' }],
  }
  await assert.rejects(startTestGateway(t, config), (error: Error) => {
    assert.doesNotMatch(`${error.message} ${error.stack} ${JSON.stringify(error)}`, /s3cr3t/)
    return true
  })
})
