import assert from 'node:assert/strict'
import { test } from 'node:test'
import { HeaderList } from '../../../gateway/contract/headers.ts'
import {
  continueTrace,
  isTraceparent,
  isTracestate,
  propagateTrace,
  traceIdOf,
} from '../../../gateway/observe/trace-context.ts'

const TRACE = '0af7651916cd43dd8448eb211c80319c'
const SPAN = 'b7ad6b7169203331'
const VALID = `00-${TRACE}-${SPAN}-01`

test('a valid traceparent keeps its trace and gets a parent id of ours', () => {
  const sent = continueTrace(VALID)
  assert.match(sent, /^00-0af7651916cd43dd8448eb211c80319c-[0-9a-f]{16}-01$/)
  assert.notEqual(sent.slice(36, 52), SPAN)
  assert.equal(traceIdOf(sent), TRACE)
})

test('the sampled flag is kept and flags that we do not know are cleared', () => {
  const flags: [string, string][] = [
    ['00', '00'],
    ['01', '01'],
    ['02', '00'],
    ['03', '01'],
    ['fe', '00'],
    ['ff', '01'],
    ['0a', '00'],
    ['0b', '01'],
  ]
  for (const [received, sent] of flags) {
    assert.equal(continueTrace(`00-${TRACE}-${SPAN}-${received}`).slice(-2), sent, received)
  }
})

test('a version to come is read as far as we know it and sent on as version 00', () => {
  for (const value of [`01-${TRACE}-${SPAN}-01`, `cc-${TRACE}-${SPAN}-01-what-the-future-brings`]) {
    const sent = continueTrace(value)
    assert.equal(traceIdOf(sent), TRACE, value)
    assert.equal(sent.slice(0, 3), '00-')
    assert.equal(sent.length, 55)
  }
})

test('a malformed traceparent starts a new sampled trace (L09)', () => {
  const malformed = [
    '',
    '00',
    'garbage',
    '-'.repeat(55),
    `00-${'0'.repeat(32)}-${SPAN}-01`,
    `00-${TRACE}-${'0'.repeat(16)}-01`,
    VALID.toUpperCase(),
    `00-${TRACE.toUpperCase()}-${SPAN}-01`,
    `00-${TRACE}-${SPAN}-0A`,
    `ff-${TRACE}-${SPAN}-01`,
    `FF-${TRACE}-${SPAN}-01`,
    `0-${TRACE}-${SPAN}-01`,
    `00-${TRACE}-${SPAN}`,
    `00-${TRACE}-${SPAN}-`,
    `00-${TRACE}-${SPAN}-1`,
    `00-${TRACE}-${SPAN}-01-`,
    `00-${TRACE}-${SPAN}-01-extra`,
    `01-${TRACE}-${SPAN}-01.extra`,
    `00_${TRACE}-${SPAN}-01`,
    `00-${TRACE}_${SPAN}-01`,
    `00-${TRACE}-${SPAN}_01`,
    `00-${TRACE.slice(1)}g-${SPAN}-01`,
    `00-${TRACE}-${SPAN.slice(1)}\u{ff10}-01`,
    ` ${VALID.slice(1)}`,
    `${VALID} `,
    `${VALID},${VALID}`,
    'x'.repeat(100_000),
  ]
  for (const value of malformed) {
    assert.equal(isTraceparent(value), false, value)
    const sent = continueTrace(value)
    assert.match(sent, /^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/)
    assert.ok(isTraceparent(sent))
    assert.notEqual(traceIdOf(sent), TRACE)
  }
})

test('ids are never given twice', () => {
  const traces = new Set<string>()
  const spans = new Set<string>()
  for (let i = 0; i < 5_000; i++) {
    const started = continueTrace(null)
    assert.ok(isTraceparent(started), started)
    traces.add(traceIdOf(started))
    spans.add(started.slice(36, 52))
    spans.add(continueTrace(VALID).slice(36, 52))
  }
  assert.equal(traces.size, 5_000)
  assert.equal(spans.size, 10_000)
})

test('the headers for the function hold exactly one traceparent', () => {
  const cases: [string[], boolean][] = [
    [[], false],
    [['traceparent', VALID], true],
    [['traceparent', 'nonsense'], false],
    [['traceparent', VALID, 'traceparent', VALID], false],
    [['traceparent', 'nonsense', 'x', 'y', 'traceparent', VALID], false],
  ]
  for (const [received, continues] of cases) {
    const headers = new HeaderList(['host', 'a', ...received, 'accept', '*/*'])
    const sent = propagateTrace(headers)
    assert.deepEqual(headers.all('traceparent'), [sent])
    assert.equal(traceIdOf(sent) === TRACE, continues, received.join(' '))
    assert.equal(headers.get('host'), 'a')
    assert.equal(headers.get('accept'), '*/*')
  }
})

test('tracestate goes on only when it and the trace it belongs to are valid', () => {
  const state = (parent: string[], ...states: string[]) => {
    const headers = new HeaderList([...parent, ...states.flatMap((value) => ['tracestate', value])])
    propagateTrace(headers)
    return headers.all('tracestate')
  }
  const parent = ['traceparent', VALID]
  assert.deepEqual(state(parent, 'rojo=00f067aa0ba902b7'), ['rojo=00f067aa0ba902b7'])
  assert.deepEqual(state(parent, 'a=1', 'b=2'), ['a=1,b=2'])
  assert.deepEqual(state(parent, 'a=1', 'a=2'), [])
  assert.deepEqual(state(parent, 'not valid'), [])
  assert.deepEqual(state([], 'a=1'), [])
  assert.deepEqual(state(['traceparent', 'nonsense'], 'a=1'), [])
  assert.deepEqual(state([...parent, ...parent], 'a=1'), [])
})

test('tracestate is bounded and follows its grammar', () => {
  const members = (count: number) => Array.from({ length: count }, (_, i) => `k${i}=v`).join(',')
  const valid = [
    'a=1',
    'fw529a3039@dt=FfAQAAAAAA,congo=t61rcWkgMzE',
    'a=1 ,\tb=2,',
    'a_-*/1=b c',
    '0a@b=!',
    members(32),
    `a=${'x'.repeat(256)}`,
  ]
  for (const value of valid) assert.equal(isTracestate(value), true, value)
  const invalid = [
    '',
    ',',
    ' , ',
    'a',
    'a=',
    '=1',
    'A=1',
    'a =1',
    'a=1=2',
    'a=\u{e9}',
    'a=1,a=2',
    'a@=1,b',
    members(33),
    `a=${'x'.repeat(257)}`,
    `${'k'.repeat(257)}=1`,
    `${'x'.repeat(100_000)}=1`,
    `a=1,${' '.repeat(600)}b=2`,
  ]
  for (const value of invalid) assert.equal(isTracestate(value), false, value)
})
