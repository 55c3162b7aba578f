import assert from 'node:assert/strict'
import { test } from 'node:test'
import { load, messagesIn, mistakesIn } from '../sample.ts'

const FUNCTIONS =
  'backends: { home: { driver: plain, url: "http://x" } }\nfunctions: { f: { deployments: [home] } }\n'
const ISSUER =
  'identity: { issuers: [{ issuer: "https://idp.example.com", audiences: [a], jwks: { url: "https://idp.example.com/" } }] }\n'
const hash = (digit: string) => `"sha256:${digit.repeat(64)}"`
const KEYS = `identity: { apiKeys: { keys: [{ name: ci, hash: ${hash('a')}, scopes: [invoke, read] }] } }\n`

const route = (auth: string) =>
  `${FUNCTIONS}routes: [{ path: /a, function: f${auth === '' ? '' : `, auth: ${auth}`} }]\n`

const NOBODY = 'nobody can call this route: there is no issuer and no API key that it takes'

test('a route without identity must say that it is public', async () => {
  assert.deepEqual(await messagesIn(route('')), [`3 routes[0]: ${NOBODY}`])
  assert.deepEqual(await messagesIn(route('{ scopes: [] }')), [`3 routes[0]: ${NOBODY}`])
  assert.equal((await load(route('none'))).config.routes[0]!.auth, null)
})

test('an issuer, an API key or the development issuer is enough to be called by', async () => {
  for (const identity of [ISSUER, KEYS, 'identity: { development: true }\n']) {
    assert.notEqual((await load(`${identity}${route('')}`)).config.routes[0]!.auth, null)
  }
})

test('a route that takes none of what there is cannot be called', async () => {
  assert.deepEqual(await messagesIn(`${KEYS}${route('{ apiKeys: false }')}`), [`4 routes[0]: ${NOBODY}`])
  assert.deepEqual(await messagesIn(`${ISSUER}${route('{ issuers: [] }')}`), [`4 routes[0]: ${NOBODY}`])
})

test('an issuer with a mistake does not make its routes wrong', async () => {
  const broken = 'identity: { issuers: [{ issuer: "https://idp.example.com", audiences: a }] }\n'
  assert.deepEqual(
    (await mistakesIn(`${broken}${route('{ issuers: ["https://idp.example.com"] }')}`)).map(
      ({ path }) => path,
    ),
    ['identity.issuers[0].issuer', 'identity.issuers[0].audiences'],
  )
})

test('what is no auth is refused with what was probably meant, and never taken for public', async () => {
  const meant = {
    off: 'none',
    no: 'none',
    false: 'none',
    nonne: 'none',
    None: 'none',
    '': 'none',
    true: '',
    required: '',
    '[invoke]': '',
  }
  for (const [written, suggestion] of Object.entries(meant)) {
    const mistakes = await mistakesIn(
      `${ISSUER}${FUNCTIONS}routes: [{ path: /a, function: f, auth: ${written} }]\n`,
    )
    assert.deepEqual(
      mistakes.map((one) => [one.path, one.suggestion ?? '']),
      [['routes[0].auth', suggestion]],
      written,
    )
  }
})

test('unknown issuers and organizations are refused wherever they are named', async () => {
  const text = `${ISSUER}${FUNCTIONS}
defaults: { auth: { issuers: ["https://ipd.example.com"] } }
organizations: { acme: { auth: { organizations: [defualt] } } }
routes: [{ path: /a, function: f, auth: { organizations: [acme, acne], issuers: ["https://idp.example.com"] } }]
`
  assert.deepEqual(await messagesIn(text), [
    '5 defaults.auth.issuers[0]: there is no issuer "https://ipd.example.com" → https://idp.example.com',
    '6 organizations.acme.auth.organizations[0]: there is no organization "defualt" → default',
    '7 routes[0].auth.organizations[1]: there is no organization "acne" → acme',
  ])
})

test('an organization that only principals come from is known', async () => {
  const partner =
    'identity: { issuers: [{ issuer: x, audiences: [a], organizations: { claim: org, allowed: [partner] }, jwks: { url: "https://x" } }] }\n'
  const { config } = await load(`${partner}${route('{ organizations: [partner] }')}`)
  assert.deepEqual(config.routes[0]!.auth!.organizations, ['default', 'partner'])
})

test('a route that the principals of no issuer may call is a warning', async () => {
  const acme =
    'identity: { issuers: [{ issuer: x, audiences: [a], organization: acme, jwks: { url: "https://x" } }] }\n'
  const { warnings } = await load(`${acme}${route('')}`)
  assert.deepEqual(
    warnings.map(({ path, message }) => `${path}: ${message}`),
    ['routes[0]: no issuer and no API key has principals of "default": every call gets 403'],
  )
  assert.deepEqual((await load(`${acme}${route('{ organizations: [acme] }')}`)).warnings, [])
  assert.deepEqual(
    (await load(`identity: { development: { organization: acme } }\n${route('')}`)).warnings,
    [],
  )
})

test('a scope that no API key has is refused when there is no issuer', async () => {
  assert.deepEqual(await messagesIn(`${KEYS}${route('{ scopes: [read, inwoke] }')}`), [
    '4 routes[0].auth.scopes[1]: no API key has the scope "inwoke", and there is no issuer → invoke',
  ])
  await load(`${ISSUER}${route('{ scopes: [anything] }')}`)
})

test('scopes in one text are refused with the list that was meant', async () => {
  assert.deepEqual(await messagesIn(`${ISSUER}${route('{ scopes: "read write" }')}`), [
    '4 routes[0].auth.scopes: "read write" cannot stand here → [read, write]',
  ])
})
