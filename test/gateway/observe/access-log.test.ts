import assert from 'node:assert/strict'
import { test } from 'node:test'
import { AccessLog, type LoggedCall } from '../../../gateway/observe/access-log.ts'
import { LONGEST_LINE } from '../../../gateway/observe/lines.ts'
import { loggedCall } from './logged-call.ts'

function lineOf(call: LoggedCall, backend: string | null = 'local'): string {
  const written: string[] = []
  new AccessLog({ write: (line) => void written.push(line) }, 1).write(call, backend, 10, 0.02134, 3.5, 4.25)
  assert.equal(written.length, 1)
  return written[0]!
}

test('a call that was answered has one line with everything that is known of it', () => {
  const line = lineOf(loggedCall())
  assert.ok(line.endsWith('}\n'))
  const { time, ...fields } = JSON.parse(line)
  assert.ok(Math.abs(time - Date.now()) < 60_000)
  assert.deepEqual(fields, {
    level: 30,
    type: 'access',
    id: 'id-1',
    traceId: '0af7651916cd43dd8448eb211c80319c',
    method: 'GET',
    host: 'api.example.com',
    path: '/hello/world',
    status: 200,
    outcome: 'answered',
    organization: 'acme',
    route: 'GET api.example.com/hello/:name',
    function: 'hello',
    subject: 'user-1',
    issuer: 'https://idp.example.com',
    client: '203.0.113.7',
    bytesIn: 10,
    bytesOut: 1234,
    totalMs: 4.25,
    accessMs: 0.021,
    upstreamMs: 3.5,
    attempts: 1,
    backend: 'local',
  })
})

test('a call that waited for a free slot says how long, served or not', () => {
  assert.equal(JSON.parse(lineOf(loggedCall({ waitedMs: 12.3456 }))).queueMs, 12.346)
  assert.equal(JSON.parse(lineOf(loggedCall({ waitedMs: 12.3456 }), null)).queueMs, 12.346)
})

test('a refusal says its code and reason and leaves out what there was not', () => {
  const call = loggedCall({
    route: { name: '', organization: '', functionName: '' },
    principal: null,
    outcome: 'rejected',
    status: 401,
    code: 'GW_CREDENTIAL_INVALID',
    attempts: 0,
    traceparent: '',
    reason: 'the token expired',
  })
  const fields = JSON.parse(lineOf(call, null))
  assert.deepEqual(
    [fields.code, fields.reason, fields.status],
    ['GW_CREDENTIAL_INVALID', 'the token expired', 401],
  )
  for (const name of [
    'traceId',
    'organization',
    'route',
    'function',
    'subject',
    'issuer',
    'backend',
    'upstreamMs',
  ]) {
    assert.ok(!(name in fields), name)
  }
})

test('whatever a client sends, a line is bounded, ASCII and one line (L02)', () => {
  const huge = (text: string) => text.repeat(10_000_000 / text.length)
  for (const text of ['x', '\u{1f4a9}', '\u0000', '"', '\\', '\n', '\u00e9', '\ud800']) {
    const long = huge(text)
    const call = loggedCall({
      id: long,
      method: long,
      host: long,
      path: long,
      clientAddress: long,
      reason: long,
      principal: { ...loggedCall().principal!, subject: long, issuer: long },
      route: { name: long, organization: long, functionName: long },
      outcome: 'function-error',
      status: 502,
      code: 'GW_FUNCTION_FAILED',
      bytesOut: Number.MAX_SAFE_INTEGER,
      attempts: 1_000_000,
    })
    const line = lineOf(call, long)
    assert.ok(line.length <= LONGEST_LINE, `${line.length}`)
    assert.equal(Buffer.byteLength(line), line.length)
    assert.equal(line.indexOf('\n'), line.length - 1)
    assert.ok(JSON.parse(line).path.endsWith('...'))
  }
})

test('what looks like a credential in a reason is hidden', () => {
  const jwt = 'eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJ1c2VyIn0.c2lnbmF0dXJl'
  const line = lineOf(loggedCall({ reason: `connect http://user:secret@far.example:80 with Bearer ${jwt}` }))
  assert.doesNotMatch(line, /secret|eyJ/)
  assert.match(JSON.parse(line).reason, /^connect http:\/\/\*\*\*@far\.example:80 with Bearer \*\*\*$/)
})

test('a sample takes about its share of the calls', () => {
  const count = (sample: number) => {
    let lines = 0
    const log = new AccessLog({ write: () => lines++ }, sample)
    for (let i = 0; i < 4_000; i++) log.write(loggedCall(), null, 0, 0, 0, 0)
    return lines
  }
  assert.equal(count(0), 0)
  assert.equal(count(1), 4_000)
  // More than ten standard deviations on either side.
  assert.ok(Math.abs(count(0.25) - 1_000) < 300)
})
