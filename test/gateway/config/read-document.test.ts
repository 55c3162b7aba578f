import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Mistakes } from '../../../gateway/config/mistakes.ts'
import { readDocument } from '../../../gateway/config/read-document.ts'
import { asData } from '../../../gateway/config/written.ts'

function read(text: string) {
  const mistakes = new Mistakes('x.yaml', text)
  const root = readDocument(text, mistakes)
  return {
    data: root === null ? undefined : asData(root),
    said: mistakes.list().map(({ line, column, message }) => `${line}:${column} ${message}`),
    mistakes: mistakes.list(),
  }
}

test('YAML and JSON give the same data', () => {
  const expected = { a: [1, 'x', true, null], b: { c: '10s' } }
  assert.deepEqual(read('a: [1, x, true, ~]\nb:\n  c: 10s\n').data, expected)
  assert.deepEqual(read('{"a": [1, "x", true, null], "b": {"c": "10s"}}').data, expected)
})

test('words that older YAML took for booleans stay words', () => {
  assert.deepEqual(read('%YAML 1.1\n---\na: [off, on, yes, no, y, 1:30]\n').data, {
    a: ['off', 'on', 'yes', 'no', 'y', '1:30'],
  })
})

test('anchors, aliases and merge keys are resolved', () => {
  const text = 'a: &a { x: 1, y: 2 }\nb: *a\nc: { <<: *a, y: 3 }\nd: { <<: [{ x: 9 }, *a] }\n'
  const { data, said } = read(text)
  assert.deepEqual(said, [])
  assert.deepEqual(data, { a: { x: 1, y: 2 }, b: { x: 1, y: 2 }, c: { y: 3, x: 1 }, d: { x: 9, y: 2 } })
})

test('an alias means the last anchor before it', () => {
  assert.deepEqual(read('a: &x 1\nb: *x\nc: &x 2\nd: *x\n').data, { a: 1, b: 1, c: 2, d: 2 })
  assert.deepEqual(read('a: &x 1\nb: &y [*x]\nc: &x 2\nd: *y\n').data, { a: 1, b: [1], c: 2, d: [1] })
})

const SYNTAX: Readonly<Record<string, readonly [text: string, said: string]>> = {
  'a tab': ['a:\n\tb: 1\n', '2:1 a tab is used for indentation'],
  'an unquoted wildcard host': [
    'hosts: [*.example.com]\n',
    '1:9 "*.example.com" is an alias in YAML, and there is no anchor of that name before it',
  ],
  'a lone star': ['host: *\n', '1:7 a lone * or & is not a value'],
  'two keys in a line': ['a: b: c\n', '1:4 a key stands where the value of another one goes on'],
  'an unclosed bracket': ['x: 1\na: [1, 2\nb: 3\n', '2:4 the [ that opens here is not closed'],
  'an unclosed brace': ['a: {b: 1\nc: 2\n', '1:4 the { that opens here is not closed'],
  'an unclosed quote': ['a: "abc\nb: 1\n', '1:4 the " that opens here is not closed'],
  'wrong indentation': ['a:\n  b: 1\n c: 2\n', '3:1 the indentation does not fit'],
  'a reserved character': ['a: @b\n', '1:4 a text cannot begin with this character'],
  'no colon': ['a: 1\nb\n', '2:1 this line is neither a key with a value nor an item of a list'],
  'a missing comma': ['{"a": 1 "b": 2}', '1:7 a comma or a closing bracket is missing'],
  'a second document': ['a: 1\n---\nb: 2\n', '2:1 a second document begins here'],
  'an unknown escape': ['a: "\\q"\n', '1:5 an unknown escape sequence in double quotes'],
  'a comment without space': ['a: "x"#y\n', '1:7 a comment without a space before its #'],
  'an item without dash': [
    'a:\n- b\nc\n',
    '3:1 this line is neither a key with a value nor an item of a list',
  ],
  'a key twice': ['a: 1\nb: 2\na: 3\n', '3:1 the key "a" stands here twice, first in line 1'],
  'an empty key': ['a: 1\n: 2\n', '2:1 a key is missing before `:`'],
  'a list as key': ['? [a]\n: 1\n', '1:3 a list or map cannot be a key'],
  'a template': ['a: {{ x }}\n', '1:5 a list or map cannot be a key'],
  'a foreign tag': ['a: !secret x\n', '1:12 the tag "!secret" is not supported'],
  'binary data': ['a: !!binary aGk=\n', '1:13 the tag "tag:yaml.org,2002:binary" is not supported'],
  'a prototype': ['a: 1\n__proto__: {b: 1}\n', '2:1 "__proto__" cannot be a key'],
  'an alias inside itself': ['a: &x [*x]\n', '1:8 the alias "*x" contains itself'],
  'a merged scalar': ['a: { <<: 1 }\n', '1:10 only a map can be merged with `<<`'],
}

for (const [what, [text, said]] of Object.entries(SYNTAX)) {
  test(`${what} is a mistake at its place`, () => {
    assert.equal(read(text).said[0], said)
  })
}

test('an empty file says what belongs into it', () => {
  for (const text of ['', '\n\n', '# only a comment\n', '---\n', '~']) {
    const { mistakes, data } = read(text)
    assert.equal(data, undefined)
    assert.equal(mistakes.length, 1)
    assert.match(
      `${mistakes[0]!.message}; ${mistakes[0]!.expected}`,
      /^the file is empty; a map with `gateway`/,
    )
  }
})

test('one broken spot is told once, not for every stumble of the parser', () => {
  assert.equal(read('- a\nb: 1\n').said.length, 1)
  assert.equal(read('['.repeat(2000)).said.length, 1)
})

test('a few lines of aliases cannot become a large configuration', () => {
  const lines = Array.from(
    { length: 12 },
    (_, i) => `a${i + 1}: &a${i + 1} [${Array(10).fill(`*a${i}`).join()}]`,
  )
  const { said } = read(`a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n${lines.join('\n')}`)
  assert.deepEqual(
    said.map((line) => line.replace(/^\S+ /, '')),
    ['aliases repeat more than 100000 values'],
  )
})

test('nesting is bounded, however it is written', () => {
  const flow = `a: ${'['.repeat(80)}${']'.repeat(80)}`
  assert.match(read(flow).said[0]!, /nested deeper than 64 levels/)
  assert.match(read('['.repeat(100_000)).said[0]!, /nested too deeply/)
})

test('a file with too many values is refused before it is parsed', () => {
  const { said } = read(`a: [${'1,'.repeat(600_000)}]`)
  assert.deepEqual(said, ['1:1 the file has more than 500000 lines and items'])
})

test('what looks like a secret is not shown when the file cannot be parsed', () => {
  const lines = [
    'token: hunter2 hunter2: x',
    "apiKey: 'hunter2",
    'a: { password: hunter2 hunter2: b: c',
    `x: y: ${'hunter2'.repeat(6)}`,
  ]
  for (const text of lines) {
    const { mistakes } = read(`${text}\n`)
    assert.ok(mistakes.length > 0, text)
    assert.ok(!JSON.stringify(mistakes).includes('hunter2'), JSON.stringify(mistakes))
  }
})
