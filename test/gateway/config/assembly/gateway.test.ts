import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import {
  createAuthority,
  createServerCertificate,
} from '../../../../gateway/development/certificate-authority.ts'
import { load, messagesIn } from '../sample.ts'

let folder = ''
let file = ''
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dispatch-listeners-'))
  file = join(folder, 'dispatch.yaml')
  const madeMs = Date.parse('2026-01-01T00:00:00Z')
  const { certificate, key } = await createServerCertificate(
    await createAuthority(madeMs),
    ['gateway.example.com'],
    madeMs,
  )
  await writeFile(join(folder, 'certificate.pem'), certificate)
  await writeFile(join(folder, 'key.pem'), key)
  const other = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey
  await writeFile(join(folder, 'other.pem'), other.export({ type: 'pkcs8', format: 'pem' }))
  await writeFile(
    join(folder, 'locked.pem'),
    other.export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'x' }),
  )
  await writeFile(join(folder, 'text.pem'), 'hello')
})
after(() => rm(folder, { recursive: true }))

const environment = { TOKEN: 't'.repeat(16) }

test('something is listened on', async () => {
  assert.deepEqual(await messagesIn('gateway: { http: off }'), [
    '1 gateway.http: nothing is listened on: `http` is off and there is no `https`',
  ])
  const { config } = await load('gateway: { http: off, https: {} }')
  assert.deepEqual([config.gateway.http, config.gateway.https!.address.port], [null, 8443])
})

test('listeners do not share a port', async () => {
  assert.deepEqual(await messagesIn('gateway: { http: "127.0.0.1:1", https: { address: "127.0.0.1:1" } }'), [
    '1 gateway.https.address: https listens where http does, on port 1',
  ])
  assert.deepEqual(await messagesIn('gateway: { http: ":9090" }'), [
    '1 gateway.management.address: management listens where http does, on port 9090',
  ])
  await load(
    'gateway: { http: "127.0.0.1:0", https: { address: "127.0.0.1:0" }, management: { address: "127.0.0.1:0" } }',
  )
  await load('gateway: { http: "127.0.0.1:1", https: { address: "127.0.0.2:1" } }')
})

test('what only this machine may use is not published', async () => {
  for (const address of [
    '":8443"',
    '0.0.0.0:8443',
    '10.0.0.1:8443',
    'gateway.example.com:8443',
    '"[::]:8443"',
  ]) {
    assert.match(
      (await messagesIn(`gateway: { https: { address: ${address} } }`))[0]!,
      /a development certificate is for addresses of this machine only$/,
    )
    assert.match(
      (await messagesIn(`gateway: { management: { address: ${address} } }`))[0]!,
      /and there is no token$/,
    )
    assert.match(
      (await messagesIn(`gateway: { http: ${address} }\nidentity: { development: true }`))[0]!,
      /^2 identity.development: the development issuer is for this machine only, and http listens on/,
    )
  }
  await load('gateway: { management: { address: ":9090", token: { env: TOKEN } } }', { environment })
  await load(
    'gateway: { http: "localhost:1", https: { address: "[::1]:2" } }\nidentity: { development: true }',
  )
})

test('certificate and key come together and fit each other', async () => {
  const https = (rest: string) => `gateway: { https: { address: ":8443", ${rest} } }\nroutes: []\n`
  const messages = (rest: string) => messagesIn(https(rest), { file, environment })
  const given = 'certificate: { file: certificate.pem }'
  assert.deepEqual(await messages(given), [
    '1 gateway.https.certificate: `certificate` is given without `key`',
  ])
  assert.deepEqual(await messages('key: { file: key.pem }'), [
    '1 gateway.https.key: `key` is given without `certificate`',
  ])
  assert.deepEqual(await messages(`${given}, key: { file: other.pem }`), [
    '1 gateway.https.key: the key cannot be used: it is the key of another certificate',
  ])
  assert.deepEqual(await messages(`${given}, key: { file: locked.pem }`), [
    '1 gateway.https.key: the key cannot be used: it is encrypted',
  ])
  assert.deepEqual(await messages(`${given}, key: { file: text.pem }`), [
    '1 gateway.https.key: the key cannot be used: it is not a private key as PEM',
  ])
  assert.deepEqual(await messages('certificate: { file: text.pem }, key: { file: key.pem }'), [
    '1 gateway.https.certificate: the certificate cannot be used: it holds no certificate that can be read',
  ])
  assert.deepEqual(await messages(`${given}, key: { file: nope.pem }`), [
    '1 gateway.https.key: the file "nope.pem" does not exist',
  ])

  const text = https(`${given}, key: { file: key.pem }`)
  const warningsAt = async (day: string) =>
    (await load(text, { file, now: new Date(day) })).warnings.map(({ message }) => message)
  assert.deepEqual(await warningsAt('2026-06-01'), ['there are no routes: every call gets 404'])
  assert.match((await warningsAt('2027-06-01'))[0]!, /^the certificate has expired on 2027-01-01/)
})

test('the token of the management API is not short', async () => {
  assert.deepEqual(
    await messagesIn('gateway: { management: { token: { env: TOKEN } } }', {
      environment: { TOKEN: 'x'.repeat(15) },
    }),
    ['1 gateway.management.token: the token is shorter than 16 characters'],
  )
})

test('believing everybody and closing before Kong does are warnings', async () => {
  const { warnings } = await load(
    'gateway: { trustedProxies: [10.0.0.0/8, 0.0.0.0/0], timeouts: { keepAlive: 59s } }\nroutes: []',
  )
  assert.deepEqual(
    warnings.map(({ path }) => path),
    ['gateway.trustedProxies[1]', 'gateway.timeouts.keepAlive', 'routes'],
  )
  assert.deepEqual((await load('gateway: { timeouts: { keepAlive: 60s } }')).warnings.length, 1)
})

test('values out of bounds and of the wrong type say what would be right', async () => {
  const messages = await messagesIn(`
gateway:
  threads: 65
  limits: { uri: 1MiB, headerCount: "128", body: unlimted, replay: 64kb }
  timeouts: { head: 10, keepAlive: 0s }
  accessLog: { enabled: yes, sample: 1.5 }
  logLevel: warning
  metrics: { routes: 1_000 }
  serverTiming: on
  hosts: [example.com:99999]
  trustedProxies: 10.0.0.0/8
`)
  assert.deepEqual(messages, [
    '3 gateway.threads: the number 65 cannot stand here → 64',
    '4 gateway.limits.uri: "1MiB" is too large → 64KiB',
    '4 gateway.limits.headerCount: "128" cannot stand here → 128',
    '4 gateway.limits.body: "unlimted" is not a size → unlimited',
    '4 gateway.limits.replay: "64kb" is not a size → 64KB',
    '5 gateway.timeouts.head: "10" is not a duration → 10s',
    '5 gateway.timeouts.keepAlive: "0s" is too short → 1s',
    '6 gateway.accessLog.enabled: "yes" cannot stand here → true',
    '6 gateway.accessLog.sample: the number 1.5 cannot stand here → 1',
    '7 gateway.logLevel: "warning" cannot stand here → warn',
    '8 gateway.metrics.routes: "1_000" cannot stand here → 1000',
    '9 gateway.serverTiming: "on" cannot stand here',
    '10 gateway.hosts[0]: "example.com:99999" is not a host → example.com',
    '11 gateway.trustedProxies: "10.0.0.0/8" cannot stand here → [10.0.0.0/8]',
  ])
})
