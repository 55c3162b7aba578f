import assert from 'node:assert/strict'
import { test } from 'node:test'
import { formatMistakes } from '../../../gateway/config/format-mistakes.ts'
import { ConfigInvalid } from '../../../gateway/config/mistakes.ts'
import { randomOf } from '../plugins/support/random.ts'
import { load, WHOLE } from './sample.ts'

const ROUNDS = 1500

// biome-ignore lint/suspicious/noControlCharactersInRegex: a terminal must not see them
const CONTROL = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202e]/

const PIECES = [
  '',
  ' ',
  '  ',
  '\n',
  '\n\n',
  '\t',
  ':',
  ': ',
  '- ',
  '-',
  '{',
  '}',
  '[',
  ']',
  '{}',
  '[]',
  ',',
  '"',
  "'",
  '|',
  '>',
  '#',
  '&a ',
  '*a',
  '!x ',
  '? ',
  '%',
  '@',
  '`',
  'null',
  '~',
  'true',
  'off',
  '0',
  '-1',
  '1e999',
  '.nan',
  '0x10',
  '99999999999999999999',
  '10s',
  '1KiB',
  '/',
  '/*',
  ':x',
  '..',
  '*',
  '*.example.com',
  'none',
  '__proto__',
  'constructor',
  'toString',
  'default',
  'acme',
  'home',
  'hello',
  '<<: *a',
  '---\n',
  '...\n',
  '\u0000',
  '\u001b[31m',
  'ü',
  '🚀',
  '\ud800',
  '\u202e',
  '\r',
  '\ufeff',
  'x'.repeat(5000),
  '[[[[[[[[[[',
  '{{ x }}',
  '{ env: NOPE }',
  '{ file: /nope }',
  '{ env: 1 }',
]

function mutate(text: string, next: (below: number) => number): string {
  const lines = text.split('\n')
  const line = next(lines.length)
  const other = next(lines.length)
  const at = next(text.length + 1)
  const piece = PIECES[next(PIECES.length)]!
  switch (next(7)) {
    case 0:
      return text.slice(0, at) + piece + text.slice(at)
    case 1:
      return text.slice(0, at) + piece + text.slice(at + 1 + next(20))
    case 2:
      return lines.toSpliced(line, 1).join('\n')
    case 3:
      return lines.toSpliced(line, 0, lines[other]!).join('\n')
    case 4:
      return lines.with(line, lines[line]!.replace(/:.*$/, `: ${piece}`)).join('\n')
    case 5:
      return lines.with(line, ' '.repeat(next(8)) + lines[line]!.trim()).join('\n')
    default:
      return lines.with(line, lines[line]!.replace(/[\w-]+(?=[:\]},]| *$)/, piece)).join('\n')
  }
}

test(`${ROUNDS} damaged configurations load or are refused with a place, and nothing else happens`, async () => {
  let refused = 0
  for (let seed = 1; seed <= ROUNDS; seed++) {
    const next = randomOf(seed)
    let text = WHOLE
    for (let i = next(3); i >= 0; i--) text = mutate(text, next)
    const lines = text.split('\n').length
    try {
      const { config } = await load(text)
      structuredClone(config)
    } catch (error) {
      assert.ok(error instanceof ConfigInvalid, `seed ${seed}: ${(error as Error).stack}`)
      refused++
      assert.ok(error.mistakes.length > 0)
      for (const { line, column, message } of error.mistakes) {
        assert.ok(line >= 1 && line <= lines && column >= 1, `seed ${seed}: ${line}:${column}`)
        assert.ok(message.length > 0 && message.length < 500, `seed ${seed}: ${message}`)
      }
      assert.doesNotMatch(formatMistakes(error.mistakes), CONTROL, `seed ${seed}`)
    }
  }
  assert.ok(refused > ROUNDS / 2, `only ${refused} were refused`)
})
