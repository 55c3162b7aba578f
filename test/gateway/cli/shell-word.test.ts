import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { test } from 'node:test'
import { shellWord } from '../../../gateway/cli/shell-word.ts'

test('a shell reads back what was written', () => {
  const values = ['plain/path-1.pem', 'with space', "it's", '$HOME `id` "x" \\', '', '*', 'a\nb', '~']
  for (const value of values) {
    assert.equal(execFileSync('sh', ['-c', `printf %s ${shellWord(value)}`], { encoding: 'utf8' }), value)
  }
})
