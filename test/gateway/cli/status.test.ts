import assert from 'node:assert/strict'
import { test } from 'node:test'
import { statusText } from '../../../gateway/cli/status.ts'
import type { GatewayStatus } from '../../../gateway/observe/gateway-status.ts'

const NOW_MS = Date.UTC(2030, 0, 1)

const STATUS: GatewayStatus = {
  version: '0.1.0',
  startedAt: NOW_MS - 93_784_000,
  state: 'serving',
  configuration: {
    file: '/etc/dispatch.yaml',
    generation: 3,
    loadedAt: NOW_MS - 61_000,
    reloads: { succeeded: 2, failed: 1 },
    lastError: null,
  },
  threads: [{ index: 0, state: 'serving', generation: 3, heartbeatAgeMs: 12, restarts: 1 }],
  backends: [
    { name: 'local', driver: 'workerd', ready: true, detail: 'runs' },
    { name: 'far', driver: 'http', ready: null, detail: '' },
  ],
  deployments: [
    {
      organization: 'acme',
      functionName: 'f',
      backend: 'far',
      name: 'g',
      inFlight: 4,
      healthy: false,
      state: 'ejected',
      cold: false,
      perSecond: null,
    },
    {
      organization: 'acme',
      functionName: 'f',
      backend: 'local',
      name: 'g',
      inFlight: 0,
      healthy: true,
      state: 'half-open',
      cold: true,
      perSecond: null,
    },
  ],
  burst: [
    {
      organization: 'acme',
      functionName: null,
      inFlight: 3,
      mostInFlight: null,
      rate: 7,
      mostRate: null,
      spent: 3.999961,
      reserved: 0.25,
      mostMoney: 5,
      share: 0.85,
      state: 'nearly-used-up',
      reason: null,
      total: { calls: 9, spent: 12, refused: { concurrency: 0, rate: 0, money: 0 } },
    },
    {
      organization: 'acme',
      functionName: 'f',
      inFlight: 3,
      mostInFlight: 3,
      rate: 7,
      mostRate: 100,
      spent: 0,
      reserved: 0,
      mostMoney: null,
      share: 0,
      state: 'refusing',
      reason: 'concurrency',
      total: { calls: 9, spent: 0, refused: { concurrency: 1, rate: 0, money: 0 } },
    },
  ],
  issuers: [],
  kong: null,
}

test('the status says on one screen what serves and how it is', () => {
  assert.equal(
    statusText(STATUS, NOW_MS),
    `gateway        0.1.0, serving for 1 d 2 h
configuration  /etc/dispatch.yaml, taken 1 min 1 s ago
reloads        2 taken, 1 refused

THREAD  STATE    HEARTBEAT  RESTARTS
0       serving  12 ms ago  1

BACKEND  DRIVER   STATE
local    workerd  ready       runs
far      http     not probed

FUNCTION  BACKEND  NAME THERE  RUNNING  STATE
acme/f    far      g           4        ejected
acme/f    local    g           0        half open, cold

BURST                RUNNING  LAST SECOND  LAST HOUR         STATE
acme, all functions  3        7            4.25 of 5 (85 %)  nearly used up
acme/f               3 of 3   7 of 100     0                 refuses for concurrency
`,
  )
})

test('why the latest configuration was refused is told with the status', () => {
  const lastError = { at: NOW_MS - 5000, mistakes: ['dispatch.yaml:3: one\u001b[2J', 'dispatch.yaml:7: two'] }
  const text = statusText({ ...STATUS, configuration: { ...STATUS.configuration, lastError } }, NOW_MS)
  assert.match(
    text,
    /refused 5 s ago, the one before serves on:\n {2}dispatch.yaml:3: one \[2J\n {2}dispatch.yaml:7: two\n/,
  )
})
