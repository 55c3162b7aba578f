import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Exchange } from '../../../gateway/contract/lane.ts'
import { Rejection, Reply } from '../../../gateway/contract/rejection.ts'
import { ActiveCall } from '../../../gateway/invocation/active-call.ts'
import { readTarget } from '../../../gateway/invocation/read-target.ts'
import type { Services } from '../../../gateway/invocation/services.ts'
import { EntryZones } from '../../../gateway/placement/entry-zones.ts'
import type { Route } from '../../../gateway/snapshot/route.ts'
import { Router } from '../../../gateway/snapshot/router.ts'
import { Snapshot } from '../../../gateway/snapshot/snapshot.ts'
import { TrustedPeers } from '../../../gateway/snapshot/trusted-peers.ts'

const TARGET_BYTES = 100

/** A Route is only looked for by its host here, never served. */
const ROUTE = {} as Route

function snapshot(): Snapshot {
  const router = new Router()
  router.add({ hosts: ['own.test', '*.wild.test'], methods: ['GET'], path: '/*' }, ROUTE)
  return new Snapshot({
    generation: 1,
    router,
    noRoute: ROUTE,
    functions: new Map(),
    limits: {
      targetBytes: TARGET_BYTES,
      headBytes: 1000,
      headerCount: 10,
      bodyBytes: 1000,
      replayBytes: 1000,
      webSocket: { idleMs: 1, lifetimeMs: 1, pingMs: null },
      bodyGapMs: 1000,
    },
    trustedPeers: new TrustedPeers([]),
    assertions: null,
    entryZones: new EntryZones({ zone: null, distances: [], explain: [] }, []),
    ownHosts: new Set(['alias.test']),
    serverTiming: 'never',
    trustRequestId: true,
    readinessPath: '',
    explainRoles: [],
    close: () => {},
  })
}

/** A call whose Host header says `header.test:81`. */
function callFor(target: string, method = 'GET'): ActiveCall {
  const exchange: Partial<Exchange> = {
    method,
    target,
    rawHeaders: [],
    peerAddress: '192.0.2.1',
    encrypted: false,
    httpMinor: 1,
  }
  const call = new ActiveCall(exchange as Exchange, snapshot(), {} as Services)
  call.host = 'header.test'
  call.authority = 'header.test:81'
  return call
}

function codeOf(target: string, method?: string): string | undefined {
  const refusal = readTarget(callFor(target, method))
  return refusal instanceof Rejection ? refusal.code : refusal === undefined ? undefined : 'replied'
}

test('a path and its query are parted at the first question mark', () => {
  for (const [target, path, query] of [
    ['/', '/', ''],
    ['/a/b', '/a/b', ''],
    ['/a?b=c?d/../e//f', '/a', '?b=c?d/../e//f'],
    ['/?', '/', '?'],
    ['/%61?%61', '/a', '?%61'],
  ] as const) {
    const call = callFor(target)
    assert.equal(readTarget(call), undefined, target)
    assert.deepEqual(
      [call.path, call.query, call.host, call.authority],
      [path, query, 'header.test', 'header.test:81'],
    )
  }
})

test('a target in absolute form names the host itself', () => {
  for (const [target, host, authority, path] of [
    ['http://own.test/a', 'own.test', 'own.test', '/a'],
    ['https://Own.Test:8443', 'own.test', 'Own.Test:8443', '/'],
    ['http://alias.test?x', 'alias.test', 'alias.test', '/'],
    ['http://any.wild.test/', 'any.wild.test', 'any.wild.test', '/'],
    ['http://deep.any.wild.test/', 'deep.any.wild.test', 'deep.any.wild.test', '/'],
  ] as const) {
    const call = callFor(target)
    assert.equal(readTarget(call), undefined, target)
    assert.deepEqual([call.host, call.authority, call.path], [host, authority, path])
  }
})

test('an authority that is not ours is misdirected, the one of the Host header too', () => {
  for (const host of [
    'header.test',
    'header.test:81',
    'evil.test',
    'own.test.evil.test',
    'wild.test',
    'notwild.test',
    '127.0.0.1',
    '[::1]',
  ]) {
    assert.equal(codeOf(`http://${host}/`), 'GW_MISDIRECTED', host)
  }
})

test('other forms of a target are refused', () => {
  for (const target of [
    '',
    'a',
    'own.test:443',
    '?',
    '#',
    '\\',
    'ftp://own.test/',
    'http:/own.test/',
    'http:own.test',
    'http://',
    'http:///',
    'http://u@own.test/',
    'http://own.test\\@x/',
    'http://own.test#x',
    'http://0x7f.1/',
    '**',
    '*/',
  ]) {
    assert.equal(codeOf(target), 'GW_BAD_TARGET', target)
  }
})

test('a query holds visible ASCII but no #', () => {
  for (const query of ['?a#b', '?a b', '?\xe9', '?\x7f', '?\t', '?\0'])
    assert.equal(codeOf(`/${query}`), 'GW_BAD_TARGET')
  assert.equal(codeOf(`/?"<>^\`{|}\\'%zz`), undefined)
})

test('* is answered to OPTIONS and refused to others', () => {
  assert.ok(readTarget(callFor('*', 'OPTIONS')) instanceof Reply)
  assert.equal(codeOf('*', 'GET'), 'GW_BAD_TARGET')
})

test('a target is too long beyond its limit', () => {
  assert.equal(codeOf(`/${'a'.repeat(TARGET_BYTES - 1)}`), undefined)
  assert.equal(codeOf(`/${'a'.repeat(TARGET_BYTES)}`), 'GW_TARGET_TOO_LONG')
})
