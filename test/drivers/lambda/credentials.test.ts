import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import http from 'node:http'
import https from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import { CredentialWatch, untilRefresh } from '../../../drivers/lambda/credential-watch.ts'
import { credentialSourceOf } from '../../../drivers/lambda/facts.ts'
import type { LambdaOptions } from '../../../drivers/lambda/options.ts'
import {
  createAuthority,
  createServerCertificate,
} from '../../../gateway/development/certificate-authority.ts'
import { listen, shut } from '../../loopback.ts'
import { KeptLog } from '../driver-hosts.ts'
import { KEY } from '../lambda-platform.ts'
import { environment, OWN, open } from './opened-operator.ts'

test('credentials come from the environment, a profile, or the configuration', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'lambda-'))
  t.after(() => rm(folder, { recursive: true }))
  const file = join(folder, 'credentials')
  await writeFile(file, '[blue]\naws_access_key_id = AKIDBLUE\naws_secret_access_key = blue\n')
  environment(t, {
    AWS_ACCESS_KEY_ID: 'AKIDENV',
    AWS_SECRET_ACCESS_KEY: 'env',
    AWS_SESSION_TOKEN: 'token',
    AWS_SHARED_CREDENTIALS_FILE: file,
    AWS_CONFIG_FILE: join(folder, 'none'),
  })
  const { announced, options } = await open(t, {})
  assert.deepEqual(announced, [
    {
      source: credentialSourceOf(options),
      credentials: { accessKeyId: 'AKIDENV', secretAccessKey: 'env', sessionToken: 'token' },
      expiresAt: null,
    },
  ])
  const keyOf = async (more: Partial<LambdaOptions>) =>
    (await open(t, more)).announced[0]?.credentials.accessKeyId
  assert.equal(await keyOf({ credentials: OWN }), KEY.accessKeyId)
  delete process.env['AWS_ACCESS_KEY_ID']
  assert.equal(await keyOf({ profile: 'blue' }), 'AKIDBLUE')
})

/** STS, as far as a role is assumed there. */
function servingRole(asked: (fields: URLSearchParams) => void): http.RequestListener {
  return async (request, response) => {
    let text = ''
    for await (const chunk of request) text += chunk
    asked(new URLSearchParams(text))
    const expiration = new Date(Date.now() + 900_000).toISOString()
    response.setHeader('content-type', 'text/xml').end(
      `<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleResult><Credentials>
        <AccessKeyId>AKIDROLE</AccessKeyId><SecretAccessKey>role</SecretAccessKey><SessionToken>session</SessionToken>
        <Expiration>${expiration}</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>`,
    )
  }
}

const ROLE = {
  arn: 'arn:aws:iam::123456789012:role/edge',
  externalId: 'outside',
  sessionName: 'dispatch-edge',
  duration: 900_000,
}

test('a role is assumed, and its credentials are fetched again before they end', async (t) => {
  const asked: URLSearchParams[] = []
  const sts = http.createServer(servingRole((fields) => asked.push(fields)))
  t.after(() => shut(sts))
  const port = await listen(sts)
  const { announced } = await open(t, {
    credentials: OWN,
    assumeRole: { ...ROLE, endpoint: `http://127.0.0.1:${port}` },
  })
  const { credentials, expiresAt } = announced[0]!
  assert.deepEqual(credentials, { accessKeyId: 'AKIDROLE', secretAccessKey: 'role', sessionToken: 'session' })
  const leftMs = expiresAt! - Date.now()
  assert.ok(leftMs > 800_000 && leftMs <= 900_000)
  assert.equal(asked[0]!.get('RoleArn'), 'arn:aws:iam::123456789012:role/edge')
  assert.deepEqual([asked[0]!.get('ExternalId'), asked[0]!.get('DurationSeconds')], ['outside', '900'])
})

test('an STS of its own is believed by the authority of the backend alone, whatever the environment says', async (t) => {
  environment(t, { NODE_TLS_REJECT_UNAUTHORIZED: '0' })
  const authority = await createAuthority(Date.now())
  const { key, certificate: cert } = await createServerCertificate(authority, ['localhost'], Date.now())
  let asked = 0
  const sts = https.createServer(
    { key, cert },
    servingRole(() => asked++),
  )
  t.after(() => shut(sts))
  const port = await listen(sts)
  const assumeRole = { ...ROLE, endpoint: `https://localhost:${port}` }
  assert.deepEqual((await open(t, { credentials: OWN, assumeRole })).announced, [])
  assert.equal(asked, 0)
  const { announced } = await open(t, { credentials: OWN, assumeRole, ca: authority.certificate })
  assert.equal(announced[0]?.credentials.accessKeyId, 'AKIDROLE')
})

test('credentials are fetched five minutes ahead, or after half of a short time', () => {
  assert.equal(untilRefresh(900_000), 600_000)
  assert.equal(untilRefresh(60_000), 30_000)
  assert.equal(untilRefresh(-5), 1000)
  assert.equal(untilRefresh(86_400_000), 3_600_000)
})

test('old credentials serve on while new ones cannot be fetched, and that is told once without a secret', async (t) => {
  const log = new KeptLog()
  let fails = false
  const expiresAt = Date.now() + 60_000
  const watch = new CredentialWatch({
    create: async () => async () => {
      if (fails) throw new Error('secret-in-a-message')
      return { credentials: OWN, expiresAt }
    },
    found: () => {},
    log,
    backend: 'aws',
  })
  t.after(() => watch.close())
  await watch.refresh()
  fails = true
  await watch.refresh()
  await watch.refresh()
  assert.equal(watch.current(Date.now())?.credentials, OWN)
  assert.equal(watch.current(expiresAt), null)
  assert.equal(log.entries.length, 1)
  assert.doesNotMatch(JSON.stringify(log.entries), /secret-in/)
})

test('who fetches credentials and never ends is given up, and asked again', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const log = new KeptLog()
  let asked = 0
  const watch = new CredentialWatch({
    create: async () => () =>
      ++asked === 1 ? new Promise(() => {}) : Promise.resolve({ credentials: OWN, expiresAt: null }),
    found: () => {},
    log,
    backend: 'aws',
  })
  t.after(() => watch.close())
  const refreshed = watch.refresh()
  while (asked < 1) await turn()
  t.mock.timers.tick(30_000)
  await refreshed
  assert.equal(watch.complaint, 'TimeoutError')
  t.mock.timers.tick(5000)
  while (asked < 2) await turn()
  await turn()
  assert.equal(watch.current(0)?.credentials, OWN)
})
