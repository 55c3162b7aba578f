import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { AccessLog } from '../../../gateway/observe/access-log.ts'
import { HintMistake, parseHint } from '../../../gateway/placement/hint.ts'
import { loadLoad } from '../../../gateway/simulation/load-load.ts'
import { readRecording } from '../../../gateway/simulation/recording.ts'
import { simulate } from '../../../gateway/simulation/simulate.ts'
import { temporaryFolder } from '../development/temporary-folder.ts'
import { loggedCall } from '../observe/logged-call.ts'
import { configOf } from './lab.ts'

/** An access log as a gateway writes it. */
async function logOf(t: TestContext, calls: number, backend = 'home', extra = ''): Promise<string> {
  const file = join(await temporaryFolder(t), 'access.jsonl')
  const lines: string[] = []
  const log = new AccessLog({ write: (line) => void lines.push(line) }, 1)
  const route = { name: 'ANY /f', organization: 'default', functionName: 'f' }
  const hint = parseHint('burst=?0, label.a="b\\"c"')
  assert.ok(!(hint instanceof HintMistake))
  for (let i = 0; i < calls; i++)
    log.write(loggedCall({ route, entryZone: 'eu-west-1/a', hint }), backend, 0, 1, 40 + i, 45 + i)
  await writeFile(file, lines.join('') + extra)
  return file
}

test('the calls of an access log are read as they came in: when, from where, asking for what, for how long', async (t) => {
  const file = await logOf(t, 10, 'home', '{"level":40,"msg":"other"}\nno json\n{"type":"access","time":1}\n')
  const { arrivals, times, skipped } = await readRecording(file)
  assert.equal(arrivals.length, 10)
  assert.equal(skipped, 3)
  assert.deepEqual(
    [...times.get('home')!].sort((one, other) => one - other),
    [40, 41, 42, 43, 44, 45, 46, 47, 48, 49],
  )
  const [first] = arrivals
  assert.equal(first!.atMs, 0)
  assert.deepEqual([first!.organization, first!.functionName, first!.zone], ['default', 'f', 'eu-west-1/a'])
  assert.deepEqual([first!.hint!.burst, first!.hint!.needs.labels], [false, { a: 'b"c' }])
  assert.equal(first!.repeatable, true)
})

test('a recording comes in again, each call as long as it took', async (t) => {
  const file = await logOf(t, 100)
  const loaded = await configOf({ home: { zone: 'eu-west-1/a', offers: { labels: { a: 'b"c' } } } })
  const { scenario, recording } = await loadLoad({ file }, [loaded.config], null)
  const { calls, latencyMs } = simulate(loaded, scenario, recording)
  assert.deepEqual([calls.arrived, calls.served], [100, 100])
  assert.ok(Math.abs(latencyMs.p50 - 90) < 5, `p50 is ${latencyMs.p50}`)
})

test('what was recorded nowhere has to be said', async (t) => {
  const file = await logOf(t, 3)
  const { config } = await configOf({ home: {}, cloud: {} })
  await assert.rejects(loadLoad({ file }, [config], null), /nothing was recorded on the backend cloud/)
  const empty = join(await temporaryFolder(t), 'empty.jsonl')
  await writeFile(empty, '{}\n')
  await assert.rejects(loadLoad({ file: empty }, [config], null), /no line of an access log/)
})
