import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { CredentialWatch, untilRefresh } from '../../../drivers/lambda/credential-watch.ts'
import { credentialSourceOf, type LambdaFacts } from '../../../drivers/lambda/facts.ts'
import type { LambdaOptions } from '../../../drivers/lambda/options.ts'
import { driver } from '../../../drivers/lambda.ts'
import type { Operator } from '../../../gateway/contract/driver.ts'
import { KeptLog, lambdaOptions } from '../driver-hosts.ts'
import { KEY } from '../lambda-platform.ts'
import { facts, LambdaBackend, resulting } from './lambda-backend.ts'

const OWN = { accessKeyId: KEY.accessKeyId, secretAccessKey: KEY.secretAccessKey, sessionToken: null }

interface Opened {
  readonly operator: Operator
  readonly announced: LambdaFacts[]
  readonly options: LambdaOptions
  readonly log: KeptLog
}

async function open(t: TestContext, options: Partial<LambdaOptions>, names: string[] = []): Promise<Opened> {
  const announced: LambdaFacts[] = []
  const log = new KeptLog()
  const complete = lambdaOptions({ endpoint: 'http://127.0.0.1:1', ...options })
  const operator = driver.operator!(complete, {
    backend: 'aws',
    deployments: names.map(facts),
    configDirectory: '/',
    log,
    announce: (said) => announced.push(said as LambdaFacts),
  })!
  t.after(() => operator.close())
  await operator.open()
  return { operator, announced, options: complete, log }
}

/** Sets variables of the environment, which the chain of the SDK reads, until the test is over. */
function environment(t: TestContext, variables: Readonly<Record<string, string>>): void {
  const before = { ...process.env }
  for (const name of Object.keys(process.env)) if (name.startsWith('AWS_')) delete process.env[name]
  Object.assign(process.env, { AWS_EC2_METADATA_DISABLED: 'true', ...variables })
  t.after(() => {
    for (const name of Object.keys(process.env)) if (!(name in before)) delete process.env[name]
    Object.assign(process.env, before)
  })
}

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

test('a role is assumed, and its credentials are fetched again before they end', async (t) => {
  const asked: URLSearchParams[] = []
  const sts = http.createServer(async (request, response) => {
    let text = ''
    for await (const chunk of request) text += chunk
    asked.push(new URLSearchParams(text))
    const expiration = new Date(Date.now() + 900_000).toISOString()
    response.setHeader('content-type', 'text/xml').end(
      `<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleResult><Credentials>
        <AccessKeyId>AKIDROLE</AccessKeyId><SecretAccessKey>role</SecretAccessKey><SessionToken>session</SessionToken>
        <Expiration>${expiration}</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>`,
    )
  })
  t.after(() => {
    sts.closeAllConnections()
    sts.close()
  })
  await once(sts.listen(0, '127.0.0.1'), 'listening')
  const { announced } = await open(t, {
    credentials: OWN,
    assumeRole: {
      arn: 'arn:aws:iam::123456789012:role/edge',
      externalId: 'outside',
      sessionName: 'dispatch-edge',
      duration: 900_000,
      endpoint: `http://127.0.0.1:${(sts.address() as AddressInfo).port}`,
    },
  })
  const { credentials, expiresAt } = announced[0]!
  assert.deepEqual(credentials, { accessKeyId: 'AKIDROLE', secretAccessKey: 'role', sessionToken: 'session' })
  const leftMs = expiresAt! - Date.now()
  assert.ok(leftMs > 800_000 && leftMs <= 900_000)
  assert.equal(asked[0]!.get('RoleArn'), 'arn:aws:iam::123456789012:role/edge')
  assert.deepEqual([asked[0]!.get('ExternalId'), asked[0]!.get('DurationSeconds')], ['outside', '900'])
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

test('a backend without credentials is not ready, and says so', async (t) => {
  environment(t, { AWS_CONFIG_FILE: '/nonexistent', AWS_SHARED_CREDENTIALS_FILE: '/nonexistent' })
  const { operator, announced, log } = await open(t, {})
  assert.deepEqual(announced, [])
  const { ready, detail } = await operator.probe()
  assert.deepEqual([ready, detail], [false, 'no credentials of AWS: CredentialsProviderError'])
  assert.equal(log.entries.length, 1)
  assert.deepEqual(await operator.inventory!(), [])
})

test('a probe needs no rights, but credentials that are known', async (t) => {
  const { endpoint, platform } = await LambdaBackend.open(t, {})
  const { operator } = await open(t, { endpoint, credentials: OWN })
  assert.deepEqual(await operator.probe(), { ready: true, detail: 'healthy' })
  platform.onlyInvoke = true
  assert.deepEqual(await operator.probe(), { ready: true, detail: 'healthy' })
  platform.key = { ...KEY, secretAccessKey: 'changed' }
  assert.match((await operator.probe()).detail, /answers 403 InvalidSignatureException/)
  platform.close()
  const gone = await operator.probe()
  assert.equal(gone.ready, false)
  assert.match(gone.detail, /GetAccountSettings failed/)
})

test('the inventory tells which functions are there and what they take', async (t) => {
  const { endpoint, platform } = await LambdaBackend.open(t, { free: resulting('1') })
  platform.deploy('few', { run: () => {}, reserved: 5 })
  platform.deploy('stopped', { run: () => {}, reserved: 0 })
  const names = ['free', 'few:live', 'stopped', 'gone']
  const { operator } = await open(t, { endpoint, credentials: OWN }, names)
  const state = (name: string, ready: boolean, limit: number | null) => ({
    organization: 'acme',
    name,
    ready,
    replicas: null,
    limit,
  })
  const expected = [
    state('free', true, null),
    state('few:live', true, 5),
    state('stopped', false, null),
    state('gone', false, null),
  ]
  assert.deepEqual(await operator.inventory!(), expected)
  const { length } = platform.requests
  assert.deepEqual(await operator.inventory!(), expected)
  assert.equal(platform.requests.length, length, 'what is known is not asked again at once')
  platform.onlyInvoke = true
  const other = await open(t, { endpoint, credentials: OWN }, names)
  assert.deepEqual(await other.operator.inventory!(), [])
})
