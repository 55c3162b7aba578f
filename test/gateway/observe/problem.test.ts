import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ERRORS, type ErrorCode } from '../../../gateway/contract/errors.ts'
import { problemBody } from '../../../gateway/observe/problem.ts'

test('every code has a problem document that says what its row says', () => {
  for (const code of Object.keys(ERRORS) as ErrorCode[]) {
    const row = ERRORS[code]
    const body = JSON.parse(problemBody(code, { detail: 'why', requestId: 'id-1', attempts: 2 }))
    const { status, ...rest } = body
    assert.equal(status, row.status === 0 ? undefined : row.status)
    assert.deepEqual(rest, {
      type: `urn:dispatch:error:${code}`,
      title: row.title,
      code,
      component: row.component,
      detail: 'why',
      attempts: 2,
      requestId: 'id-1',
    })
  }
})

test('without a detail the document says what one can do', () => {
  const body = JSON.parse(problemBody('GW_NO_ROUTE', { detail: '', requestId: 'a', attempts: 0 }))
  assert.equal(body.detail, ERRORS.GW_NO_ROUTE.help)
})

test('nothing in a detail or a request id breaks out of the document', () => {
  const nasty = '"},\\ \u0000\r\n\u2028\ud800<script>'
  const body = JSON.parse(problemBody('GW_BAD_HEADER', { detail: nasty, requestId: nasty, attempts: 0 }))
  assert.equal(body.detail, nasty)
  assert.equal(body.requestId, nasty)
  assert.equal(body.code, 'GW_BAD_HEADER')
})

test('a detail is cut at 1024 characters', () => {
  const body = JSON.parse(
    problemBody('GW_BAD_HEADER', { detail: 'x'.repeat(10_000_000), requestId: 'a', attempts: 0 }),
  )
  assert.equal(body.detail.length, 1024)
})
