import assert from 'node:assert/strict'
import { test } from 'node:test'
import { formatMistakes } from '../../../gateway/config/format-mistakes.ts'
import { ConfigInvalid, Mistakes, pathFor, pointerOf, quote } from '../../../gateway/config/mistakes.ts'

const at = (text: string, piece: string, path: (string | number)[] = []) => {
  const start = text.indexOf(piece)
  return { place: { start, end: start + piece.length }, path }
}

test('mistakes come in the order of the file with line and column from 1', () => {
  const text = 'a: 1\nb:\n  c: 2\n'
  const mistakes = new Mistakes('x.yaml', text)
  mistakes.add(at(text, '2', ['b', 'c']), { message: 'second' })
  mistakes.add(at(text, '1', ['a']), { message: 'first' })
  assert.deepEqual(
    mistakes.list().map(({ line, column, pointer, path, message }) => [line, column, pointer, path, message]),
    [
      [1, 4, '/a', 'a', 'first'],
      [3, 6, '/b/c', 'b.c', 'second'],
    ],
  )
})

test('paths are JSON Pointers for machines and dotted for people', () => {
  const path = ['routes', 0, 'plugins', 'rate-limit', 'a/b~c', 'x.y', '']
  assert.equal(pointerOf(path), '/routes/0/plugins/rate-limit/a~1b~0c/x.y/')
  assert.equal(pathFor(path), 'routes[0].plugins.rate-limit["a/b~c"]["x.y"][""]')
  assert.equal(pathFor([]), '')
})

test('a value of the file is repeated on one line, short and without control characters', () => {
  assert.equal(quote('a\n\u001b[31m\u0085\u202e'), '"a\\n\\u001b[31m??"')
  assert.equal(quote('x'.repeat(100)).length, 62)
  assert.ok(quote('\ud800').isWellFormed())
})

test('an excerpt shows the line with a caret, and tabs keep the caret below its place', () => {
  const text = 'a:\n\tb: oops # why\n'
  const mistakes = new Mistakes('x.yaml', text)
  mistakes.add(at(text, 'oops', ['a', 'b']), { message: 'no', expected: 'yes', suggestion: 'yes' })
  assert.equal(
    formatMistakes(mistakes.list()),
    'x.yaml:2:5  a.b: no\n    expected yes; did you mean "yes"?\n    2 | \tb: oops # why\n      | \t   ^\n',
  )
})

test('suggestions stand in quotes unless they are no text', () => {
  const format = (suggestion: string) => {
    const mistakes = new Mistakes('x', 'a')
    mistakes.add(at('a', 'a'), { message: 'm', suggestion })
    return formatMistakes(mistakes.list()).split('\n')[1]
  }
  assert.equal(format('10s'), '    did you mean "10s"?')
  assert.equal(format('100'), '    did you mean 100?')
  assert.equal(format('true'), '    did you mean true?')
  assert.equal(format('"100"'), '    did you mean "100"?')
})

test('a warning says so, and a mistake about the whole file has no path', () => {
  const mistakes = new Mistakes('x.yaml', '')
  mistakes.add({ place: { start: 0, end: 0 }, path: [] }, { message: 'hm', level: 'warning' })
  assert.equal(formatMistakes(mistakes.list()), 'x.yaml:1:1  warning: hm\n')
  assert.ok(!mistakes.hasErrors)
})

test('hidden pieces are never shown, wherever the caret is', () => {
  const text = 'k: { a: secret, b: 1, c: other }\n'
  for (const piece of ['k', 'secret', 'b', 'other']) {
    const mistakes = new Mistakes('x.yaml', text)
    mistakes.hide(at(text, 'other').place)
    mistakes.hide(at(text, 'secret').place)
    mistakes.add(at(text, piece), { message: 'm' })
    const { excerpt } = mistakes.list()[0]!
    assert.equal(excerpt!.text, 'k: { a: …, b: 1, c: … }')
    assert.ok(excerpt!.caret <= excerpt!.text.length)
  }
})

test('a hidden piece of several lines hides its part of each', () => {
  const text = 'key: |\n  secret one\n  secret two\nx: 1\n'
  const mistakes = new Mistakes('x.yaml', text)
  mistakes.hide({ start: text.indexOf('|'), end: text.indexOf('x: 1') })
  for (const piece of ['key', 'one', 'two', 'x: 1']) mistakes.add(at(text, piece), { message: 'm' })
  assert.ok(!JSON.stringify(mistakes.list()).includes('secret'))
})

test('a file in one line of a megabyte gives short excerpts', () => {
  const text = `[${'"aaaaaaaa",'.repeat(100_000)}oops]`
  const mistakes = new Mistakes('x.json', text)
  mistakes.add(at(text, 'oops'), { message: 'm' })
  const { excerpt } = mistakes.list()[0]!
  assert.ok(excerpt!.text.length < 200)
  assert.equal(excerpt!.text.slice(excerpt!.caret, excerpt!.caret + 4), 'oops')
})

test('control characters of a file do not reach the terminal', () => {
  const text = 'a: "\u001b[2Jx\u0007\u202e"\r\n'
  const mistakes = new Mistakes('x.yaml', text)
  mistakes.add(at(text, 'a'), { message: 'm' })
  assert.equal(mistakes.list()[0]!.excerpt!.text, 'a: "?[2Jx??"')
})

test('the error says where the first mistake is, and how many follow', () => {
  const mistakes = new Mistakes('x.yaml', 'a: 1\nb: 2\n')
  mistakes.add({ place: { start: 3, end: 4 }, path: ['a'] }, { message: 'wrong' })
  mistakes.add({ place: { start: 8, end: 9 }, path: ['b'] }, { message: 'wrong too' })
  const error = new ConfigInvalid(mistakes.list())
  assert.equal(error.code, 'GW_CONFIG_INVALID')
  assert.equal(error.detail, 'x.yaml:1:4 a: wrong (and 1 more)')
  assert.equal(error.mistakes.length, 2)
})
