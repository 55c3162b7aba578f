import assert from 'node:assert/strict'
import { test } from 'node:test'
import { quote } from '../../../gateway/observe/quote.ts'

test('a short text comes back as it was', () => {
  for (const text of [
    '',
    'plain',
    'a"b\\c',
    '\u0000\u001f\u007f',
    '\u00e9\u4e2d\u{1f4a9}',
    '\ud800',
    '</script>',
  ]) {
    assert.equal(JSON.parse(quote(text, 100)), text)
    assert.match(quote(text, 100), /^[\x20-\x7e]*$/)
  }
})

test('a long text is cut and says so, and never in the middle of an escape', () => {
  for (const text of ['x'.repeat(100), '\u00e9'.repeat(100), `x${'"'.repeat(99)}`, `ab${'\n'.repeat(98)}`]) {
    for (let most = 3; most < 40; most++) {
      const quoted = quote(text, most)
      assert.ok(quoted.length <= most + 2, quoted)
      const read = JSON.parse(quoted) as string
      assert.ok(read.endsWith('...') && text.startsWith(read.slice(0, -3)), quoted)
    }
  }
})

test('a text of exactly the bound is kept', () => {
  assert.equal(quote('x'.repeat(10), 10), `"${'x'.repeat(10)}"`)
  assert.equal(quote('\u00e9\u00e9', 12), '"\\u00e9\\u00e9"')
  assert.equal(quote('x'.repeat(11), 10), `"${'x'.repeat(7)}..."`)
})
