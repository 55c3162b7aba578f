import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { startTestGateway } from './gateway.ts'
import { slotsTaken, until } from './observe.ts'
import { handshake } from './websocket-sides.ts'
import { Wire } from './wire.ts'

test('L17 whatever a driver from outside does with a WebSocket, its caller is told at once', async (t) => {
  const gateway = await startTestGateway(t, {
    drivers: [join(import.meta.dirname, 'outside/upgrade-driver.ts')],
    backends: {
      trouble: { driver: 'upgrade-trouble' },
      unable: { driver: 'upgrade-trouble', able: false },
    },
    functions: {
      trouble: { deployments: ['trouble'], timeout: '20s' },
      unable: { deployments: ['unable'], timeout: '20s' },
    },
    routes: ['trouble', 'unable'].map((name) => ({
      path: `/${name}`,
      function: name,
      auth: 'none',
      upgrade: 'websocket',
    })),
  })
  for (const [path, trouble, status, code] of [
    ['/trouble', 'throw', 502, 'GW_BACKEND_FAILED'],
    ['/trouble', 'reject', 502, 'GW_BACKEND_FAILED'],
    ['/trouble', 'later', 502, 'GW_BACKEND_FAILED'],
    ['/unable', 'throw', 501, 'GW_UPGRADE_UNSUPPORTED'],
  ] as const) {
    const wire = new Wire(gateway.port)
    wire.write(handshake(path, `X-Trouble: ${trouble}`))
    await until(() => wire.closed, 'the connection ends')
    assert.deepEqual(wire.statuses, [status], trouble)
    assert.equal(JSON.parse(wire.answers[0]!.body.toString()).code, code)
    assert.equal(await slotsTaken(gateway), 0)
  }
})
