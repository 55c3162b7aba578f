import assert from 'node:assert/strict'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, before, test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { request } from 'undici'
import { startTestGateway } from '../e2e/gateway.ts'
import { FaultyAdmin } from './faulty-admin.ts'
import { StandIn } from './stand-in/kong.ts'

const LONG_MS = 20_000
const backend = http.createServer((_, response) => response.end('from the function'))
let kong: StandIn
let admin: FaultyAdmin

before(async () => {
  await once(backend.listen(0, '127.0.0.1'), 'listening')
  kong = await StandIn.open()
  admin = await FaultyAdmin.open(kong.url)
})
after(async () => {
  backend.closeAllConnections()
  backend.close()
  admin.close()
  await kong.close()
})

function config(paths: readonly string[]): Record<string, unknown> {
  return {
    backends: {
      home: { driver: 'http', url: `http://127.0.0.1:${(backend.address() as AddressInfo).port}` },
    },
    functions: { f: { deployments: ['home'] } },
    routes: paths.map((path) => ({ path, function: 'f', auth: 'none' })),
    kong: { admin: { url: admin.url }, targets: ['127.0.0.1:8080'], every: '1s' },
  }
}

async function pathsInKong(): Promise<string[]> {
  const { body } = await request(`${kong.url}/routes`)
  const { data } = (await body.json()) as { data: { paths: string[] }[] }
  return data.map(({ paths }) => paths[0]!).sort()
}

/** Milliseconds until Kong has just these paths. */
async function untilKongHas(paths: readonly string[]): Promise<number> {
  const began = performance.now()
  while (performance.now() - began < LONG_MS) {
    if (JSON.stringify(await pathsInKong()) === JSON.stringify(paths)) return performance.now() - began
    await pause(20)
  }
  throw new Error(`Kong has ${await pathsInKong()} and not ${paths}`)
}

test('I13 a gateway whose Kong is down serves all the same, and Kong follows when it is back', async (t) => {
  admin.down()
  const gateway = await startTestGateway(t, config(['/a']))
  for (let i = 0; i < 20; i++) {
    const { statusCode, body } = await request(`${gateway.url}/a`)
    assert.deepEqual([statusCode, await body.text()], [200, 'from the function'])
  }
  assert.deepEqual(await pathsInKong(), [])
  await admin.up()
  await untilKongHas(['~/a$'])

  await t.test('a changed file is in Kong at once', async () => {
    const { gateway: listeners } = JSON.parse(await readFile(gateway.configFile, 'utf8'))
    const text = JSON.stringify({ ...config(['/a', '/b']), gateway: listeners })
    await gateway.write(text)
    const tookMs = await untilKongHas(['~/a$', '~/b$'])
    // A second for Kong, and what it takes to see and load the file on a busy machine.
    assert.ok(tookMs < 5000, `${Math.round(tookMs)} ms`)
  })

  await t.test('I08 an edit by hand is put right within the interval', async () => {
    const { body } = await request(`${kong.url}/routes`)
    const { data } = (await body.json()) as { data: { id: string }[] }
    await request(`${kong.url}/routes/${data[0]!.id}`, { method: 'DELETE' })
    await untilKongHas(['~/a$', '~/b$'])
  })

  await t.test('I19 the gateway tells what it brought Kong to, and how far it is behind', async () => {
    const { body } = await request(`${gateway.management}/metrics`)
    const metrics = await body.text()
    assert.match(metrics, /^dispatch_kong_\w+/m)
    assert.match(metrics, /^dispatch_kong_\w*lag\w* /m)
  })
})
