import assert from 'node:assert/strict'
import { test } from 'node:test'
import { canonical, digestOf, headerOf } from './assertion.ts'
import { RUNTIMES } from './lua.ts'
import {
  ALICE,
  claimsOf,
  type LuaPlugin,
  NOW_S,
  type PluginAnswer,
  payloadOf,
  pluginOn,
} from './lua-plugin.ts'

const names = ({ headers }: PluginAnswer): string[] => headers.map(([name]) => name)

/** The plugin's own code, on each Lua that there is. */
for (const { name, open, skip } of RUNTIMES) {
  const plugin = pluginOn(open)
  const check = (sentence: string, body: (plugin: LuaPlugin) => Promise<void>): void => {
    test(`${name}: ${sentence}`, { skip }, async () => body(await plugin()))
  }

  check('the claims are those of the caller and the request, in one order', async (plugin) => {
    const { assertion, status } = await plugin.call({ ...ALICE, acl: ['staff', 'admins'] })
    assert.equal(status, 0)
    assert.equal(assertion!.split('.')[0], Buffer.from(headerOf('k1')).toString('base64url'))
    assert.equal(
      payloadOf(assertion).toString(),
      canonical({
        aud: 'dispatch',
        consumer: ALICE.consumer,
        credential: ALICE.credential.id,
        exp: 1_795_000_010,
        groups: ['admins', 'staff'],
        iat: 1_795_000_000,
        req: digestOf({ method: 'GET', host: 'api.example.com', path: '/hello' }),
      }),
    )
  })

  check('whoever Kong did not authenticate is nobody', async (plugin) => {
    for (const call of [
      {},
      { consumer: ALICE.consumer },
      { credential: {} },
      { credential: { id: 'hash' } },
    ]) {
      assert.equal((await plugin.call(call)).assertion, null, JSON.stringify(call))
    }
  })

  check('a zone is told of every call', async (plugin) => {
    await plugin.configure('zoned', { zone: 'eu/a' })
    assert.deepEqual(Object.keys(claimsOf((await plugin.call({ config: 'zoned' })).assertion)), [
      'aud',
      'zone',
      'iat',
      'exp',
      'req',
    ])
    assert.equal(claimsOf((await plugin.call({ ...ALICE, config: 'zoned' })).assertion).zone, 'eu/a')
    for (const zone of ['', Buffer.from([0xff])]) {
      await plugin.configure('odd', { zone })
      assert.equal((await plugin.call({ config: 'odd' })).assertion, null)
    }
  })

  check('a user without a consumer is told by name, never by a hash of the password', async (plugin) => {
    const credential = {
      id: 'ldap_auth_cache:5e884898da28047151d0e56f8dc62927',
      username: 'ada',
      password: 'pw',
    }
    const { assertion } = await plugin.call({ credential, shared_groups: ['b', 'a', 'b'], ctx_groups: ['c'] })
    const claims = claimsOf(assertion)
    assert.deepEqual(
      [claims.user, claims.groups, claims.consumer, claims.credential],
      ['ada', ['a', 'b'], undefined, undefined],
    )
    assert.deepEqual(claimsOf((await plugin.call({ credential, ctx_groups: ['c'] })).assertion).groups, ['c'])
  })

  check('groups of the authentication and of the consumer are told together, or none are', async (plugin) => {
    const call = { ...ALICE, acl: ['x', 'a'], shared_groups: ['m', 'x'] }
    assert.deepEqual(claimsOf((await plugin.call(call)).assertion).groups, ['a', 'm', 'x'])
    await plugin.configure('groupless', { groups: false })
    assert.equal(claimsOf((await plugin.call({ ...call, config: 'groupless' })).assertion).groups, undefined)
  })

  check('when groups cannot be read the call fails', async (plugin) => {
    const { status, message, logged, assertion } = await plugin.call({ ...ALICE, acl_error: 'no database' })
    assert.deepEqual([status, message, assertion], [500, 'An unexpected error occurred', null])
    assert.match(logged, /no database/)
  })

  check('scopes count only where nobody but Kong can have written them', async (plugin) => {
    const headers = [['X-Authenticated-Scope', 'root']] as const
    const by_kong = [['x-authenticated-scope', 'fn:read fn:write']] as const
    assert.equal(claimsOf((await plugin.call({ ...ALICE, headers })).assertion).scope, undefined)
    assert.equal(
      claimsOf((await plugin.call({ ...ALICE, headers, global: true })).assertion).scope,
      undefined,
    )
    const told = await plugin.call({ ...ALICE, headers, by_kong, global: true })
    assert.equal(claimsOf(told.assertion).scope, 'fn:read fn:write')
    assert.deepEqual(names(told), ['dispatch-assertion'])
  })

  check('what clients claim goes, what they ask for stays', async (plugin) => {
    await plugin.configure('more', { remove_headers: ['X_Extra'] })
    const gone = [
      'Dispatch-Assertion',
      'dispatch-assertion',
      'DISPATCH-ZONE',
      'Dispatch-Subject',
      'dispatch_hint',
      'X-Consumer-ID',
      'X-Consumer-Groups',
      'x_consumer_username',
      'X-Credential-Identifier',
      'X-Anonymous-Consumer',
      'X-Authenticated-UserId',
      'X-Gw-Tenant',
      'X-Forwarded-Client-Cert',
      'X-Userinfo',
      'x-extra',
      'X-EXTRA',
    ]
    const stay = [
      'Dispatch-Hint',
      'dispatch-explain',
      'Dispatch-Timing',
      'X-Consumers',
      'Dispatch',
      'X-Extra-More',
    ]
    const headers = [...gone, ...stay].map((header) => [header, 'v'] as const)
    const answer = await plugin.call({ config: 'more', headers })
    assert.deepEqual(
      names(answer),
      stay.map((header) => header.toLowerCase()),
    )
  })

  check(
    'functions get the usual headers of a consumer only when asked for, and only true ones',
    async (plugin) => {
      await plugin.configure('told', { consumer_headers: true })
      const headers = [['X-Consumer-Custom-ID', 'root'] as const]
      const told = await plugin.call({ ...ALICE, config: 'told', headers })
      assert.deepEqual(
        told.headers.slice(0, 3).map(([header, value]) => [header, value.toString()]),
        [
          ['x-consumer-id', ALICE.consumer.id],
          ['x-consumer-username', 'alice'],
          ['x-credential-identifier', ALICE.credential.id],
        ],
      )
      assert.deepEqual(names(await plugin.call({ config: 'told', headers })), [])
    },
  )

  check('Connection may name what belongs to a connection, and nothing else', async (plugin) => {
    const statusOf = async (...values: (string | Buffer)[]): Promise<number> => {
      const headers = values.map((value) => ['Connection', value] as const)
      return (await plugin.call({ ...ALICE, headers })).status
    }
    for (const value of ['', ',', 'close', 'Keep-Alive', ' upgrade ,\tHTTP2-Settings', 'te,,close'])
      assert.equal(await statusOf(value), 0, value)
    assert.equal(await statusOf('close', 'keep-alive'), 0)
    for (const value of [
      'dispatch-assertion',
      'close, x',
      'closed',
      'close x',
      'te;q=1',
      '"te"',
      '\0',
      Buffer.from([0xff]),
    ])
      assert.equal(await statusOf(value), 400, String(value))
    assert.equal(await statusOf('close', 'dispatch-assertion'), 400)
    const { message } = await plugin.call({ headers: [['connection', `<b>\r\n${'x'.repeat(100)}`]] })
    assert.match(message, /^The Connection header may not name \?b\?\?\?x{59}$/)
  })

  check('the Host header names the host of the target', async (plugin) => {
    const statusOf = async (host: string, header: string): Promise<number> =>
      (await plugin.call({ ...ALICE, host, headers: [['Host', header]] })).status
    for (const header of [
      'api.example.com',
      'API.Example.com',
      'api.example.com:8443',
      'api.example.com.',
      'api.example.com.:80',
    ])
      assert.equal(await statusOf('api.example.com', header), 0, header)
    for (const header of ['[::1]', '[::1]:80']) assert.equal(await statusOf('[::1]', header), 0, header)
    for (const header of ['', 'example.com', 'api.example.com.evil', 'x:80:80', 'api.example.com@evil'])
      assert.equal(await statusOf('api.example.com', header), 400, header)
  })

  check('the same bytes are said for half the lifetime, and good for as long again', async (plugin) => {
    const at = async (now: number) => (await plugin.call({ ...ALICE, now })).assertion
    const first = await at(NOW_S)
    for (const now of [NOW_S - 3, NOW_S + 1]) assert.equal(await at(now), first)
    const next = await at(NOW_S + 2)
    assert.notEqual(next, first)
    assert.equal(claimsOf(next).iat, NOW_S + 2)
    await plugin.configure('odd', { lifetime: 3 })
    for (const now of [7, 8, 9]) {
      const { iat, exp } = claimsOf((await plugin.call({ ...ALICE, config: 'odd', now })).assertion)
      assert.deepEqual([iat, exp], [now, now + 3])
    }
  })

  check('no two callers, requests or configurations share an assertion', async (plugin) => {
    await plugin.configure('a')
    const calls = [
      {},
      { method: 'POST' },
      { host: 'other' },
      { uri: '/hello/' },
      { host: 'api.example.com\n/hello', uri: '' },
      { consumer: { ...ALICE.consumer, username: 'bob' } },
      { consumer: { ...ALICE.consumer, custom_id: 'alice' } },
      { acl: ['a,b'] },
      { acl: ['a', 'b'] },
      { acl: ['a","b'] },
      { credential: { id: ALICE.consumer.id } },
      { consumer: undefined, credential: { username: 'alice' } },
    ]
    const texts = new Set<string>()
    for (let round = 0; round < 2; round++) {
      for (const call of calls) texts.add((await plugin.call({ ...ALICE, ...call, config: 'a' })).assertion!)
      assert.equal(texts.size, calls.length)
    }
  })

  check('the query is no part of a request, nor is it cached with one', async (plugin) => {
    const one = await plugin.call({ ...ALICE, uri: '/hello?a=1' })
    assert.equal(one.assertion, (await plugin.call({ ...ALICE, uri: '/hello' })).assertion)
  })

  check(
    'a secret that changes in a vault signs from then on; one that is missing or short signs nothing',
    async (plugin) => {
      await plugin.configure('vault')
      const call = { ...ALICE, config: 'vault' }
      const first = (await plugin.call(call)).assertion
      await plugin.run(`return CHANGE_SECRET("vault", "${'n'.repeat(32)}")`)
      const second = (await plugin.call(call)).assertion
      assert.notEqual(second, first)
      assert.deepEqual(payloadOf(second), payloadOf(first))
      for (const secret of ['', 'n'.repeat(31)]) {
        await plugin.run(`return CHANGE_SECRET("vault", "${secret}")`)
        const { status, assertion, logged } = await plugin.call(call)
        assert.deepEqual([status, assertion], [500, null])
        assert.doesNotMatch(logged, /nnn/)
        // Also of callers who are nobody: the mistake is seen at once.
        assert.equal((await plugin.call({ config: 'vault' })).status, 500)
      }
    },
  )

  check('what would not fit is no assertion, and the call fails', async (plugin) => {
    const acl = Array.from({ length: 400 }, (_, i) => `a-long-name-of-a-group-${i}`)
    const { status, assertion, logged } = await plugin.call({ ...ALICE, acl })
    assert.deepEqual([status, assertion], [500, null])
    assert.match(logged, /400 groups; 8192 are the most/)
  })

  check('what is no UTF-8 is left out, and nobody is who has no other name', async (plugin) => {
    const odd = Buffer.from([0x61, 0xc0, 0x80])
    const claims = claimsOf(
      (
        await plugin.call({
          ...ALICE,
          consumer: { id: 'i', username: odd, custom_id: 'c' },
          acl: [odd, 'ok'],
        })
      ).assertion,
    )
    assert.deepEqual([claims.consumer, claims.groups], [{ custom_id: 'c', id: 'i' }, ['ok']])
    assert.equal((await plugin.call({ credential: { username: odd } })).assertion, null)
  })

  check('every setting of the schema has a description', async (plugin) => {
    assert.match(await plugin.run('return SETTINGS()'), /^key_id key_secret audience/)
  })
}
