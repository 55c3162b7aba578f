import assert from 'node:assert/strict'
import { test } from 'node:test'
import { FunctionLogs } from '../../../drivers/workerd/function-logs.ts'

const NEVER = new AbortController().signal
const ALL = { follow: false, tail: null, sinceMs: null }

async function textsOf(logs: FunctionLogs, name = 'f'): Promise<string[]> {
  const texts: string[] = []
  for await (const { text } of logs.read('o', name, ALL, NEVER)) texts.push(text)
  return texts
}

test('of a function that talks too much the last lines are kept', async () => {
  const logs = new FunctionLogs()
  for (let i = 0; i < 5000; i++) logs.keep('o', 'f', String(i))
  const lines = await textsOf(logs)
  assert.deepEqual([lines.length, lines[0], lines.at(-1)], [2000, '3000', '4999'])
  for (let i = 0; i < 100; i++) logs.keep('o', 'f', 'x'.repeat(16_000))
  assert.ok((await textsOf(logs)).length <= 17)
})

test('many functions share what is kept', async () => {
  const logs = new FunctionLogs()
  for (let i = 0; i < 1000; i++) logs.keep('o', `g${i}`, '')
  for (let i = 0; i < 1000; i++) logs.keep('o', 'f', 'x'.repeat(1000))
  assert.ok((await textsOf(logs)).length < 40)
})

test('lines of the runtime stand among those of each function of the organization, in their order', async () => {
  const logs = new FunctionLogs()
  logs.keep('o', 'f', 'one')
  logs.keep('o', null, 'two')
  logs.keep('other', null, 'not ours')
  logs.keep('o', 'g', 'not of f')
  logs.keep('o', 'f', 'three')
  assert.deepEqual(await textsOf(logs), ['one', 'two', 'three'])
})

test('functions that have left are forgotten', async () => {
  const logs = new FunctionLogs()
  logs.keep('o', 'f', 'one')
  logs.keep('o', 'g', 'two')
  logs.forgetBut([{ organization: 'o', name: 'g' }])
  assert.deepEqual([await textsOf(logs), await textsOf(logs, 'g')], [[], ['two']])
})
