import assert from 'node:assert/strict'
import { test } from 'node:test'
import { gzipSync } from 'node:zlib'
import { AUTHORIZED, hostWith, openPort } from './support.ts'

function countReloads() {
  const reloads = { count: 0 }
  const host = hostWith({
    reload: async () => {
      reloads.count++
      return { taken: true, generation: reloads.count }
    },
  })
  return { host, reloads }
}

const reload = (contentType: string | string[] | null, body: string) => ({
  method: 'POST',
  headers: { ...AUTHORIZED, ...(contentType !== null && { 'content-type': contentType }) },
  body,
})

test('every spelling of JSON meets the same parser and the same validator (B25)', async (t) => {
  const { host, reloads } = countReloads()
  const { ask } = await openPort(t, host)
  const spellings = [
    'application/json',
    'application/json ;',
    'application/json;',
    'application/json\t;',
    'application/json;charset=utf-8',
    'application/json ; charset=utf-8',
    'APPLICATION/JSON',
    'application/json; a=b; c="d"',
  ]
  for (const spelling of spellings) {
    const before = reloads.count
    const good = await ask('/v1/reload', reload(spelling, '{}'))
    const bad = await ask('/v1/reload', reload(spelling, '{"unknown":1}'))
    const broken = await ask('/v1/reload', reload(spelling, '{"a":'))
    const statuses = [good.status, bad.status, broken.status].join()
    assert.ok(statuses === '200,400,400' || statuses === '415,415,415', `${spelling}: ${statuses}`)
    assert.equal(reloads.count - before, good.status === 200 ? 1 : 0)
  }
  assert.ok(reloads.count >= 5)
})

test('other content types are refused with 415 (B25)', async (t) => {
  const { host, reloads } = countReloads()
  const { ask } = await openPort(t, host)
  const others = [
    null,
    ';',
    'text/plain',
    'application/jsonx',
    'application/jsonp',
    'application/json/x',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=application/json',
    'text/plain; application/json',
    'text/plain, application/json',
    'application/json, text/plain',
    '\u00a0application/json',
  ]
  for (const other of others) {
    const answer = await ask('/v1/reload', reload(other, '{}'))
    assert.deepEqual(
      [answer.status, answer.json()['code']],
      [415, 'GW_UNSUPPORTED_MEDIA_TYPE'],
      String(other),
    )
  }
  assert.equal(reloads.count, 0)
})

test('a repeated content type is refused (B25)', async (t) => {
  const { host, reloads } = countReloads()
  const { ask } = await openPort(t, host)
  for (const types of [
    ['application/json', 'text/plain'],
    ['text/plain', 'application/json'],
    ['application/json', 'application/json'],
  ]) {
    assert.equal((await ask('/v1/reload', reload(types, '{}'))).status, 400)
  }
  assert.equal(reloads.count, 0)
})

test('a body is never inflated (G09)', async (t) => {
  const { host, reloads } = countReloads()
  const { ask } = await openPort(t, host)
  const bomb = gzipSync(Buffer.alloc(10 * 1024 * 1024, '['))
  for (const encoding of ['gzip', 'deflate', 'br', 'zstd', 'identity', 'GZIP', 'gzip, gzip', 'x']) {
    const answer = await ask('/v1/reload', {
      method: 'POST',
      headers: { ...AUTHORIZED, 'content-type': 'application/json', 'content-encoding': encoding },
      body: bomb,
    })
    assert.equal(answer.status, 415, encoding)
  }
  assert.equal(reloads.count, 0)
})

test('a body beyond 64 KiB is refused, declared or chunked', async (t) => {
  const { host, reloads } = countReloads()
  const { ask } = await openPort(t, host)
  const large = `{${' '.repeat(64 * 1024)}}`
  const declared = await ask('/v1/reload', reload('application/json', large))
  assert.deepEqual([declared.status, declared.json()['code']], [413, 'GW_BODY_TOO_LARGE'])
  const chunked = await ask('/v1/reload', {
    method: 'POST',
    headers: { ...AUTHORIZED, 'content-type': 'application/json', 'transfer-encoding': 'chunked' },
    body: large,
  })
  assert.equal(chunked.status, 413)
  assert.equal(reloads.count, 0)
})

test('bodies that would poison a prototype, or hold anything at all, are refused', async (t) => {
  const { host, reloads } = countReloads()
  const { ask } = await openPort(t, host)
  for (const body of [
    '{"__proto__":{"a":1}}',
    '{"constructor":{"prototype":{"a":1}}}',
    '[]',
    '"{}"',
    '1',
    'true',
    '{}{}',
    '\ufeff{',
  ]) {
    const answer = await ask('/v1/reload', reload('application/json', body))
    assert.deepEqual([answer.status, answer.json()['code']], [400, 'GW_BAD_REQUEST'], body)
  }
  assert.equal(reloads.count, 0)
})
