import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { createServer } from 'node:net'
import { test } from 'node:test'
import { REASONS, type Reason } from '../../../gateway/identity/rejections.ts'
import { readSignedToken } from '../../../gateway/identity/token-syntax.ts'
import {
  ANYBODY,
  admitted,
  authenticatorFor,
  bearing,
  claims,
  encode,
  fastestMs,
  forge,
  jwk,
  NOW,
  refused,
  token,
} from './fixture.ts'

const authenticator = authenticatorFor()
const HEADER = { alg: 'RS256', kid: 'main' }

function refuses(text: string, reason: Reason): void {
  const rejection = refused(authenticator.authenticate(bearing(text), ANYBODY))
  assert.equal(rejection.reason, REASONS[reason], text.slice(0, 200))
}

test('characters that are not base64url are refused in every segment (D03)', () => {
  const parts = token().split('.')
  const extras = [' ', '\t', '\n', '\r\n', '=', '==', '+', '/', '?', '!', '%', '\u0000', 'é', '\u2028']
  for (const [index, part] of parts.entries()) {
    for (const extra of extras) {
      for (const at of [0, 10, part.length]) {
        const changed = part.slice(0, at) + extra + part.slice(at)
        refuses(parts.with(index, changed).join('.'), 'malformed')
      }
    }
  }
})

test('a segment has one spelling: unused bits must be zero (D03)', () => {
  // 2 bytes take 3 characters; the last of them has two bits that nobody reads.
  const [head, , sig] = token().split('.')
  assert.equal(Buffer.from('e31', 'base64url').toString(), Buffer.from('e30', 'base64url').toString())
  refuses(`${head}.e31.${sig}`, 'malformed')
  // The next character differs in the last of the four bits that a signature of 256 bytes leaves unused.
  const next = String.fromCharCode(sig!.charCodeAt(341) + 1)
  refuses(`${head}.${encode(claims())}.${sig!.slice(0, -1)}${next}`, 'malformed')
})

test('only three segments are a token; JSON serialisations are none (D04)', () => {
  const good = token()
  const [head, payload, sig] = good.split('.')
  const texts = [
    head!,
    `${head}.${payload}`,
    `${good}.${sig}`,
    `${good}.`,
    `.${good}`,
    `${good}.${sig}.${sig}`,
  ]
  const json = JSON.stringify({ protected: head, payload, signature: sig })
  const general = JSON.stringify({ payload, signatures: [{ protected: head, signature: sig }] })
  for (const text of [...texts, json, general, encode(json), '..', '...', '.'.repeat(16_000)])
    refuses(text, 'malformed')
})

test('an encrypted token is refused (D04, E16)', () => {
  const header = encode({ alg: 'RSA-OAEP-256', enc: 'A256GCM' })
  refuses(`${header}.AAAA.AAAA.AAAA.AAAA`, 'malformed')
  refuses(`${encode({ alg: 'dir', enc: 'A128GCM' })}..AAAA.AAAA.AAAA`, 'malformed')
})

test('no segment may be empty (D05)', () => {
  const [head, payload, sig] = token().split('.')
  for (const text of [`${head}.${payload}.`, `.${payload}.${sig}`, `${head}..${sig}`])
    refuses(text, 'malformed')
})

test('no spelling of none is an algorithm (D05)', () => {
  for (const alg of ['none', 'None', 'NONE', 'nOnE']) {
    const unsigned = `${encode({ alg })}.${encode(claims())}`
    refuses(`${unsigned}.`, 'malformed')
    refuses(`${unsigned}.AAAA`, 'algorithm-refused')
    refuses(
      forge({ alg: 'RS256', kid: 'main' }, claims()).replace(/^[^.]*/, encode({ alg, kid: 'main' })),
      'algorithm-refused',
    )
  }
})

test('a key in the token is not used (D09, D11)', () => {
  const own = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const x5c = [own.publicKey.export({ type: 'spki', format: 'der' }).toString('base64')]
  for (const header of [{ jwk: jwk(own.publicKey) }, { x5c }, { 'x5t#S256': 'AAAA', x5c }]) {
    refuses(token({}, header, own.privateKey), 'signature')
    refuses(forge({ alg: 'RS256', ...header }, claims(), own.privateKey), 'signature')
    refuses(token({}, { kid: 'own', ...header }, own.privateKey), 'key-unknown')
    admitted(authenticator.authenticate(bearing(token({}, header)), ANYBODY))
  }
})

test('an address in the token is not visited (D10)', async () => {
  let visits = 0
  const server = createServer((socket) => {
    visits++
    socket.destroy()
  })
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  const { port } = server.address() as { port: number }
  const own = generateKeyPairSync('rsa', { modulusLength: 2048 })
  for (const name of ['jku', 'x5u']) {
    refuses(token({}, { [name]: `http://127.0.0.1:${port}/` }, own.privateKey), 'signature')
    refuses(token({}, { kid: 'own', [name]: `http://127.0.0.1:${port}/` }, own.privateKey), 'key-unknown')
  }
  await new Promise((closed) => server.close(closed))
  assert.equal(visits, 0)
})

test('a kid is a name of at most 256 characters and nothing more (D12)', () => {
  const names = [
    '../../dev/null',
    '|sleep 10',
    "' UNION SELECT 'key",
    '__proto__',
    'constructor',
    '\u0000',
    '🔑',
  ]
  for (const kid of [...names, 'k'.repeat(256)]) refuses(token({}, { kid }), 'key-unknown')
  for (const kid of ['', 'k'.repeat(257), ['main'], { main: 1 }, 1, null, true])
    refuses(token({}, { kid }), 'malformed')

  const huge = token({}, { kid: 'k'.repeat(1024 * 1024) })
  assert.ok(fastestMs(() => refuses(huge, 'malformed')) < 10)
})

test('extensions of JWS are refused, known or not, well-formed or not (D16)', () => {
  const crits = [['exp'], ['b64'], ['unknown'], [], ['exp', 'exp'], 'exp', {}, null, ['alg']]
  for (const crit of crits) refuses(token({}, { crit, exp: NOW }), 'extension')
  for (const b64 of [false, true]) {
    refuses(token({}, { b64 }), 'extension')
    refuses(token({}, { b64, crit: ['b64'] }), 'extension')
  }
  refuses(token({}, { zip: 'DEF' }), 'extension')
})

test('a header or claim that comes twice is refused (D17)', () => {
  refuses(forge('{"alg":"RS256","kid":"main","alg":"RS256"}', claims()), 'malformed')
  refuses(forge('{"alg":"none","alg":"RS256","kid":"main"}', claims()), 'malformed')
  refuses(forge(HEADER, JSON.stringify(claims()).replace('{', '{"sub":"bob",')), 'malformed')
  refuses(
    forge(HEADER, JSON.stringify(claims({ act: {} })).replace('{}', '{"sub":"a","sub":"b"}')),
    'malformed',
  )
})

test('header and claims are JSON objects in UTF-8 without a byte order mark (D18)', () => {
  const latin1 = Buffer.from(JSON.stringify(claims({ sub: 'Zoë' })), 'latin1')
  const bom = `\ufeff${JSON.stringify(claims())}`
  for (const payload of [
    '[]',
    '"text"',
    '1',
    'null',
    'true',
    '{',
    '',
    latin1,
    bom,
    JSON.stringify([claims()]),
  ]) {
    refuses(forge(HEADER, payload), 'malformed')
  }
  for (const head of [
    '[]',
    '"RS256"',
    'null',
    '{',
    `\ufeff${JSON.stringify(HEADER)}`,
    Buffer.from('{"alg":"\xff"}', 'latin1'),
  ]) {
    refuses(forge(head, claims()), 'malformed')
  }
})

test('alg is a string, and typ too if it is there', () => {
  const rest = token().replace(/^[^.]*/, '')
  for (const alg of [undefined, null, 256, ['RS256'], {}]) refuses(encode({ alg }) + rest, 'malformed')
  for (const typ of [null, 1, ['JWT'], {}]) refuses(token({}, { typ }), 'malformed')
})

test('names that objects inherit are not claims', () => {
  const mapped = authenticatorFor({
    claims: { subject: 'constructor', roles: 'r', scopes: 's', groups: 'g' },
  })
  assert.equal(refused(mapped.authenticate(bearing(token()), ANYBODY)).reason, REASONS.subject)
})

test('what is longer than 16 KiB is refused in no time, 16 KiB are taken (D42)', () => {
  const sized = (length: number) => {
    const short = token({ pad: '' }).length
    const pad = Math.floor(((length - short) * 3) / 4)
    for (let more = pad; ; more++) {
      const text = token({ pad: 'x'.repeat(more) })
      if (text.length >= length) return text
    }
  }
  const limit = 16 * 1024
  assert.equal(sized(limit).length, limit)
  admitted(authenticator.authenticate(bearing(sized(limit)), ANYBODY))
  refuses(sized(limit + 1), 'malformed')
  for (const bytes of [64 * 1024, 1024 * 1024]) {
    const text = token({ pad: 'x'.repeat(bytes) })
    assert.ok(fastestMs(() => refuses(text, 'malformed')) < 10)
  }
})

test('deep nesting in header or claims is refused within 10 ms (D42)', () => {
  for (const depth of [33, 2000, 100_000]) {
    const deep = `{"alg":"RS256","a":${'['.repeat(depth)}${']'.repeat(depth)}}`
    for (const text of [forge(deep, claims()), forge(HEADER, deep)]) {
      assert.ok(fastestMs(() => refuses(text, 'malformed')) < 10)
    }
  }
})

test('the outside of a token is read without believing it', () => {
  const read = readSignedToken(forge({ alg: 'RS256', typ: 'JWT', kid: 'main' }, '{"sub":"alice"}'))
  assert.ok(typeof read !== 'string')
  assert.deepEqual(
    { ...read, text: '', payload: read.payload.toString() },
    {
      text: '',
      algorithm: 'RS256',
      keyId: 'main',
      type: 'JWT',
      payload: '{"sub":"alice"}',
    },
  )
})
