// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the references of the plugin look like placeholders
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { HeaderList } from '../../../gateway/contract/headers.ts'
import { plugin } from '../../../gateway/plugins/headers.ts'
import { plainCall, principal } from './call.ts'
import { pluginHost } from './host.ts'

interface Edits {
  readonly set?: Record<string, string>
  readonly add?: Record<string, string>
  readonly remove?: string[]
}

function create({ request = {}, response = {} }: { request?: Edits; response?: Edits }) {
  const none = { set: {}, add: {}, remove: [] }
  return plugin.create({ request: { ...none, ...request }, response: { ...none, ...response } }, pluginHost())
}

/** Headers that the function gets. */
function sent(request: Edits, call = plainCall()): string[] {
  assert.equal(create({ request }).access!(call), undefined)
  return call.requestHeaders.flat
}

test('fields are taken out, then set, then added', () => {
  const call = plainCall({ rawHeaders: ['a', '1', 'b', '2', 'B', '3', 'c', '4'] })
  const edits = { add: { C: '5', d: '6' }, set: { B: 'new' }, remove: ['a', 'not-there'] }
  assert.deepEqual(sent(edits, call), ['c', '4', 'b', 'new', 'c', '5', 'd', '6'])
})

test('the answer is edited in the same way, whoever made it', () => {
  const { headerFilter } = create({ response: { set: { 'X-Frame-Options': 'DENY' }, remove: ['server'] } })
  for (const status of [200, 404, 502]) {
    const headers = new HeaderList(['server', 'x', 'x-frame-options', 'ALLOW'])
    headerFilter!(plainCall(), status, headers)
    assert.deepEqual(headers.flat, ['x-frame-options', 'DENY'])
  }
})

test('a side without edits has no phase', () => {
  assert.equal(create({ request: { remove: ['a'] } }).headerFilter, undefined)
  assert.equal(create({ response: { remove: ['a'] } }).access, undefined)
})

test('references hold facts of the call', () => {
  const call = plainCall({
    id: 'id-7',
    clientAddress: '2001:db8::1',
    path: '/a%20b',
    method: 'PUT',
    principal: principal('ann'),
  })
  const set = {
    'x-a': '${call.id} ${call.method} ${call.host} ${call.path}',
    'x-b': '<${principal.subject}@${principal.organization}> ${principal.issuer}',
    'x-c': '${client.address}',
    'x-d': '${route.name}|${route.organization}/${route.function}',
    'x-e': '$${call.id} costs 5$',
  }
  assert.deepEqual(new HeaderList(sent({ set }, call)).flat, [
    'x-a',
    'id-7 PUT api.example.com /a%20b',
    'x-b',
    '<ann@acme> https://idp.example.com',
    'x-c',
    '2001:db8::1',
    'x-d',
    'GET api.example.com/hello|acme/hello',
    'x-e',
    '${call.id} costs 5$',
  ])
})

test('a fact that the call has not leaves nothing, also not what the client sent in its place', () => {
  const call = plainCall({ rawHeaders: ['X-User', 'admin', 'x-other', '1'], principal: null })
  const edits = { set: { 'x-user': '${principal.subject}' }, add: { 'x-other': 'for ${principal.subject}' } }
  assert.deepEqual(sent(edits, call), ['x-other', '1'])
})

test('a fact of absurd length counts as absent', () => {
  const call = plainCall({ rawHeaders: ['x-user', 'admin'], principal: principal('x'.repeat(4097)) })
  assert.deepEqual(sent({ set: { 'x-user': '${principal.subject}' } }, call), [])
})

test('whatever a token claims, the value stays one line of ASCII, and no two claims look alike', () => {
  const subjects = {
    'a\r\nx-admin: true': 'a%0D%0Ax-admin: true',
    'a%0D%0Ax-admin: true': 'a%250D%250Ax-admin: true',
    Zoë: 'Zo%C3%AB',
    ' ann': '%20ann',
    'ann ': 'ann%20',
    'Ann Lee': 'Ann Lee',
    'a\0b\x7f': 'a%00b%7F',
    '\ud800': '%EF%BF%BD',
    '100%': '100%25',
  }
  for (const [subject, expected] of Object.entries(subjects)) {
    const call = plainCall({ principal: principal(subject) })
    assert.deepEqual(sent({ set: { 'x-user': '${principal.subject}' } }, call), ['x-user', expected])
  }
})

test('headers of the connection, of the framing and of the gateway are refused at load', () => {
  const never = [
    'connection',
    'Transfer-Encoding',
    'content-length',
    'te',
    'upgrade',
    'keep-alive',
    'dispatch-subject',
    'Dispatch-Anything',
    'x-request-id',
    'x-forwarded-for',
    'forwarded',
    'content_length',
    'x_forwarded_for',
    'dispatch_subject',
  ]
  for (const name of never) {
    for (const edits of [{ set: { [name]: '1' } }, { add: { [name]: '1' } }, { remove: [name] }]) {
      for (const side of ['request', 'response']) {
        assert.throws(
          () => create({ [side]: edits }),
          (error: Error) => {
            assert.match(
              error.message,
              new RegExp(`^${side}\\.(set|add|remove): ${name.toLowerCase()} (belongs|is written)`),
            )
            return true
          },
        )
      }
    }
  }
  assert.throws(
    () => create({ request: { set: { host: 'x' } } }),
    /request\.set: host decides where the request goes/,
  )
})

test('names and values that are not HTTP are refused at load, and a value is never repeated', () => {
  for (const name of ['', 'a b', 'a:', 'ä', 'a\n', ':path']) {
    assert.throws(() => create({ request: { set: { [name]: '1' } } }), /is no name of a header/, name)
  }
  const secret = 'hunter2'
  for (const value of [
    `${secret}\r\n`,
    `${secret}\n${secret}`,
    `${secret}ü`,
    ` ${secret}`,
    `${secret}\0`,
    `\${${secret}}`,
    `\${${secret}`,
  ]) {
    assert.throws(
      () => create({ request: { set: { 'x-a': value } } }),
      (error: Error) => {
        assert.match(error.message, /^request\.set\.x-a: the value /)
        assert.ok(!error.message.includes(secret), error.message)
        return true
      },
    )
  }
})

test('edits that contradict one another are refused at load', () => {
  assert.throws(() => create({ request: { set: { 'X-A': '1', 'x-a': '2' } } }), /set: x-a stands there twice/)
  assert.throws(
    () => create({ request: { set: { 'X-A': '1' }, remove: ['x-a'] } }),
    /remove and set both name x-a/,
  )
})

test('the empty value is a value', () => {
  assert.deepEqual(sent({ set: { 'x-a': '' } }), ['x-a', ''])
})
