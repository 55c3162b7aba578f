import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { formatMistakes } from '../../../gateway/config/format-mistakes.ts'
import { ConfigInvalid } from '../../../gateway/config/mistakes.ts'
import { load, mistakesIn, said } from './sample.ts'

const SECRET = 'hunter2-hunter2-hunter2-hunter2'

let folder = ''
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dispatch-secrets-'))
  await mkdir(join(folder, 'conf'))
})
after(() => rm(folder, { recursive: true }))

const management = (token: string) => `gateway: { management: { token: ${token} } }`

test('a secret is taken from the environment or from a file beside the configuration, without its last newline', async () => {
  const file = join(folder, 'conf', 'dispatch.yaml')
  await writeFile(join(folder, 'conf', 'token'), `${SECRET}\n`)
  await writeFile(join(folder, 'token'), `${SECRET}\r\n`)
  const tokenOf = async (written: string) =>
    (await load(management(written), { file, environment: { TOKEN: SECRET } })).config.gateway.management
      .token
  assert.equal(await tokenOf('{ env: TOKEN }'), SECRET)
  assert.equal(await tokenOf('{ file: token }'), SECRET)
  assert.equal(await tokenOf('{ file: ../token }'), SECRET)
  assert.equal(await tokenOf(`{ file: ${join(folder, 'token')} }`), SECRET)
})

test('a secret that is not there is a mistake that names the variable or the file', async () => {
  await writeFile(join(folder, 'empty'), '\n')
  await writeFile(join(folder, 'binary'), Buffer.from([0xff, 0xfe]))
  await writeFile(join(folder, 'large'), Buffer.alloc(1024 * 1024 + 1, 'x'))
  const cases = {
    '{ env: NOPE }': 'the environment variable NOPE is not set',
    '{ env: EMPTY }': 'the environment variable EMPTY is empty',
    '{ file: nope }': 'the file "nope" does not exist',
    '{ file: conf }': 'the file "conf" is not a file',
    '{ file: empty }': 'the file "empty" is empty',
    '{ file: binary }': 'the file "binary" is not text in UTF-8',
    '{ file: large }': 'the file "large" is larger than 1 MiB',
    '{ env: A, file: b }': '`env` and `file` are both given',
    '{}': 'neither `env` nor `file` is given',
    '{ env: "A B" }': 'a text cannot stand here',
    '{ evn: A }': 'neither `env` nor `file` is given',
  }
  for (const [written, message] of Object.entries(cases)) {
    const mistakes = await mistakesIn(management(written), {
      file: join(folder, 'dispatch.yaml'),
      environment: { EMPTY: '' },
    })
    assert.equal(mistakes[0]!.message, message, written)
  }
})

/** Configurations that hold the secret where it does not belong, one way or another. */
const LEAKS = {
  'written inline': management(SECRET),
  'written inline as a list': management(`[${SECRET}]`),
  'written inline as a number': management('1234567890123456'),
  'in a block': `gateway:\n  management:\n    token: |\n      ${SECRET}\n      ${SECRET}\n`,
  'in place of the variable': management(`{ env: "${SECRET} " }`),
  'under a misspelt key': `gateway: { management: { tokn: ${SECRET} } }`,
  'under a misspelt key of a reference': management(`{ value: ${SECRET} }`),
  'beside another mistake in its line': `gateway: { management: { token: ${SECRET}, adress: 127.0.0.1:1 } }`,
  'where a map belongs': `gateway: { management: ${SECRET} }`,
  'where a list belongs': `identity: { apiKeys: { keys: ${SECRET} } }`,
  'as the hash of a key': `identity: { apiKeys: { keys: [{ name: ci, hash: ${SECRET} }] } }`,
  'in a URL': `backends: { home: { driver: plain, url: "http://user:${SECRET}@example.com/" } }`,
  'as the option of a driver': `backends: { home: { driver: plain, url: "http://x", credential: { password: ${SECRET} } } }`,
  'as a misspelt option of a driver': `backends: { home: { driver: plain, url: "http://x", credential: { pasword: ${SECRET} } } }`,
  'in a file that cannot be parsed': `gateway:\n  management:\n    token: ${SECRET}: x: y\n`,
  'in a quote that is not closed': `gateway:\n  management:\n    token: "${SECRET}\n`,
}

for (const [where, text] of Object.entries(LEAKS)) {
  test(`a secret ${where} is in no mistake`, async () => {
    const error = await load(text, { environment: {} }).catch((caught: unknown) => caught)
    assert.ok(error instanceof ConfigInvalid)
    const shown = `${JSON.stringify(error.mistakes)}${formatMistakes(error.mistakes)}${error.message}${error.stack}`
    assert.ok(!shown.includes(SECRET) && !shown.includes('1234567890123456'), shown)
  })
}

test('secrets that were read but are not good enough are not repeated', async () => {
  const key = generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }) as string
  await writeFile(join(folder, 'key.pem'), key)
  const mistakes = await mistakesIn(
    `
gateway:
  management: { token: { env: SHORT } }
  https: { certificate: { file: key.pem }, key: { env: SHORT } }
identity:
  issuers:
    - issuer: x
      audiences: [x]
      keys:
        - { id: a, algorithm: HS256, secret: { env: SHORT } }
        - { id: b, algorithm: RS256, publicKey: { file: key.pem } }
`,
    { file: join(folder, 'dispatch.yaml'), environment: { SHORT: 'hunter2' } },
  )
  assert.deepEqual(
    mistakes.map(({ message }) => message),
    [
      'the token is shorter than 16 characters',
      'the certificate cannot be used: it holds a private key',
      'the key cannot be used: it is not a private key as PEM',
      'the secret is shorter than 32 bytes',
      'the public key cannot be used: it is a private key',
    ],
  )
  const shown = JSON.stringify(mistakes)
  assert.ok(!shown.includes('hunter2'))
  assert.ok(!shown.includes(key.split('\n')[1]!))
})

test('a public text may be written inline, taken from the environment or from a file', async () => {
  const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const pem = publicKey.export({ type: 'spki', format: 'pem' }) as string
  await writeFile(join(folder, 'public.pem'), pem)
  const withKey = (written: string) =>
    `identity: { issuers: [{ issuer: x, audiences: [x], keys: [{ id: a, algorithm: ES256, publicKey: ${written} }] }] }`
  for (const written of [JSON.stringify(pem), '{ env: PEM }', '{ file: public.pem }']) {
    const { config } = await load(withKey(written), {
      file: join(folder, 'dispatch.yaml'),
      environment: { PEM: pem },
    })
    assert.equal(config.identity.issuers[0]!.keys[0]!.publicKey!.trim(), pem.trim())
  }
  assert.deepEqual((await mistakesIn(withKey('[a]'))).map(said), [
    '1 identity.issuers[0].keys[0].publicKey: a list cannot stand here | a text, { env: NAME } or { file: path }',
  ])
})
