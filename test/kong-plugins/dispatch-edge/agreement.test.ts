import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Assertion } from '../../../gateway/identity/assertion.ts'
import { Assertions } from '../../../gateway/identity/assertions.ts'
import { kongIdentityConfig } from '../../gateway/identity/kong-identity.ts'
import { canonical, digestOf, KEY, signAssertion } from './assertion.ts'
import { RUNTIMES } from './lua.ts'
import { claimsOf, NOW_S, payloadOf, pluginOn } from './lua-plugin.ts'

const HOSTILE = [
  ...Array.from({ length: 0x80 }, (_, code) => String.fromCharCode(code)),
  Array.from({ length: 0x20 }, (_, code) => String.fromCharCode(code)).join('x'),
  '\u0080\u07ff\u0800\ud7ff\ue000\ufeff\uffff',
  '\u{10000}\u{10ffff}\u{1f468}\u200d\u{1f469}',
  '\u2028\u2029\u202e\u0000end',
  'e\u0301 \u00e9',
  '"},"groups":["admin"],"x":{"',
  '\\u0022\\',
  '%00%s%d%z%%',
  '{vault://env/x}',
  '</script>',
  '__proto__',
  'null',
  'n'.repeat(1024),
  '\u{1f600}'.repeat(256),
]

const CALL = { method: 'GET', host: 'api.example.com', path: '/hello' }

function verifier(): Assertions {
  return new Assertions(kongIdentityConfig({ keys: [KEY], subject: 'username' }), 100, () => NOW_S * 1000)
}

/** The plugin in Lua and the gateway in TypeScript read and write the same, byte for byte. */
for (const { name, open, skip } of RUNTIMES) {
  const plugin = pluginOn(open)

  test(`${name}: hostile texts arrive as they were, in the bytes that TypeScript would have signed`, {
    skip,
  }, async () => {
    const lua = await plugin()
    for (const text of HOSTILE) {
      if (text === '') continue
      const consumer = { id: 'i', username: text, custom_id: `c${text}` }
      const { assertion } = await lua.call({ consumer, credential: {}, acl: [text, `${text}2`] })
      const claims = {
        aud: 'dispatch',
        consumer,
        exp: 1_795_000_010,
        groups: [text, `${text}2`],
        iat: 1_795_000_000,
        req: digestOf(CALL),
      }
      assert.equal(assertion, signAssertion(claims), JSON.stringify(text))
      const verdict = verifier().verify(assertion!, CALL.method, CALL.host, CALL.path)
      assert.ok(verdict instanceof Assertion, `${JSON.stringify(text)} ${verdict}`)
      assert.equal(verdict.principal?.subject, text)
      assert.deepEqual(verdict.principal?.groups, [text, `${text}2`])
    }
  })

  test(`${name}: names of ten thousand bytes are refused on both sides`, { skip }, async () => {
    for (const username of [
      'n'.repeat(10_000),
      '"'.repeat(10_000),
      '\u0001'.repeat(10_000),
      'ü'.repeat(5000),
    ]) {
      const { status } = await (await plugin()).call({ consumer: { id: 'i', username }, credential: {} })
      assert.equal(status, 500)
      const text = signAssertion({
        aud: 'dispatch',
        consumer: { id: 'i', username },
        exp: NOW_S + 5,
        iat: NOW_S,
        req: digestOf(CALL),
      })
      assert.equal(verifier().verify(text, CALL.method, CALL.host, CALL.path), 'assertion-malformed')
    }
  })

  test(`${name}: paths, hosts and methods are bound by their bytes`, { skip }, async () => {
    const lua = await plugin()
    for (const [method, host, path] of [
      ['GET', '', '/'],
      ['BREW', 'a:8080', '/a b'],
      ['GET', 'b\u00fccher.example', '/\u00ff\u0080'],
      ['GET', 'api.example.com', `/${'p'.repeat(8000)}`],
      ['GET', 'api.example.com, evil', '/%2F/%zz//..'],
      ['POST', 'api.example.com', '*'],
    ] as const) {
      const [hostBytes, uri] = [host, path].map((text) => Buffer.from(text, 'latin1')) as [Buffer, Buffer]
      const call = { consumer: { id: 'i', username: 'u' }, credential: {}, method, host: hostBytes, uri }
      const { assertion } = await lua.call(call)
      const verdict = verifier().verify(assertion!, method, host, `${path}?q=1`)
      assert.ok(verdict instanceof Assertion, `${method} ${path.slice(0, 20)}: ${verdict}`)
      assert.equal(verifier().verify(assertion!, method, host, `${path}/`), 'assertion-request')
    }
  })

  test(`${name}: what is UTF-8 is decided as the standard decides`, { skip }, async () => {
    const lua = await plugin()
    const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
    const edges = [
      0x00, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0, 0xc1, 0xc2, 0xdf, 0xe0, 0xe1, 0xec, 0xed, 0xee,
      0xef, 0xf0, 0xf1, 0xf3, 0xf4, 0xf5, 0xff,
    ]
    const cases = [
      Buffer.alloc(0),
      ...edges.map((one) => Buffer.from([one])),
      ...edges.flatMap((one) => edges.map((two) => Buffer.from([one, two]))),
      ...[0xe0, 0xe1, 0xed, 0xef, 0xf0, 0xf1, 0xf4].flatMap((one) =>
        [0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0].flatMap((two) =>
          [0x7f, 0x80, 0xbf, 0xc0].flatMap((three) => [
            Buffer.from([one, two, three]),
            Buffer.from([one, two, three, 0x80]),
            Buffer.from([0x61, one, two, three, 0xbf, 0x61]),
          ]),
        ),
      ),
    ]
    const checks = cases.map(
      (bytes) => `IS_UTF8("${[...bytes].map((byte) => `\\${String(byte).padStart(3, '0')}`).join('')}")`,
    )
    const verdicts = (
      await lua.run(
        `local t = {} ${checks.map((check) => `t[#t + 1] = ${check}`).join(' ')} return table.concat(t, " ")`,
      )
    ).split(' ')
    for (const [i, bytes] of cases.entries()) {
      let expected = true
      try {
        decoder.decode(bytes)
      } catch {
        expected = false
      }
      assert.equal(verdicts[i], String(expected), bytes.toString('hex'))
    }
  })

  test(`${name}: callers of every shape agree`, { skip }, async () => {
    const lua = await plugin()
    await lua.configure('shapes', { zone: 'eu/a', bind_request: false })
    for (const call of [
      {},
      { consumer: { id: 'i' }, credential: {} },
      { consumer: { id: 'i', username: 'u' }, credential: { id: 'b32379d9-3d28-5683-a79c-72139be6e34f' } },
      { credential: { username: 'ada' }, shared_groups: ['b', 'a', 'ä', 'B', 'a'] },
    ]) {
      const { assertion } = await lua.call({ ...call, config: 'shapes' })
      const claims = claimsOf(assertion)
      assert.equal(payloadOf(assertion).toString(), canonical(claims))
      assert.equal(assertion, signAssertion(claims))
    }
  })
}
