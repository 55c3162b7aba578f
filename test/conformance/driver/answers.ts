import assert from 'node:assert/strict'
import { Readable } from 'node:stream'
import { pattern, sha256 } from './kit-function.ts'
import type { Case, Subject } from './subject.ts'
import type { TestAttempt } from './test-attempt.ts'

const MEBIBYTE = 1024 * 1024
const LARGE = 24 * MEBIBYTE

interface Echo {
  readonly method: string
  readonly target: string
  readonly headers: readonly (readonly [string, string])[]
}

const values = (echo: Echo, name: string) =>
  echo.headers.filter(([n]) => n === name).map(([, value]) => value)

function answered(attempt: TestAttempt, status = 200): TestAttempt {
  assert.equal(attempt.outcome, 'answered', attempt.summary())
  assert.equal(attempt.status, status)
  return attempt
}

const echoOf = (attempt: TestAttempt) => JSON.parse(answered(attempt).text) as Echo

/** The connections that a call used must be fit for the next ones. */
async function stillServes(subject: Subject): Promise<void> {
  for (const _ of [1, 2, 3])
    assert.equal(sha256((await subject.get('/bytes/100')).bytes), sha256(pattern(100)))
}

/** What a function says reaches the caller as it was said, and the other way round. */
export const ANSWERS = {
  'an answer arrives with its status, headers and body': async (subject) => {
    const attempt = answered(await subject.ask({ path: '/status/299' }), 299)
    assert.equal(attempt.text, 'status 299')
    assert.equal(attempt.answerHeaders.get('content-type'), 'text/x-kit')
  },

  'every method arrives': async (subject) => {
    for (const method of ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']) {
      assert.equal(echoOf(await subject.ask({ method, path: '/echo' })).method, method)
    }
  },

  'path and query arrive as they were sent': async (subject) => {
    for (const target of ['/echo/a%20b/%C3%A9/c-d_e.f~g', '/echo?x=%2F&y&z=a+b&x=2', '/echo/?', '/echo/']) {
      const { target: seen } = echoOf(await subject.ask({ path: target }))
      assert.equal(seen.replace(/\?$/, ''), target.replace(/\?$/, ''))
    }
  },

  'a body arrives whole: in memory, with a length, without one': async (subject) => {
    const body = pattern(MEBIBYTE)
    const pieces = () => Readable.from([body.subarray(0, 1), body.subarray(1, 70_000), body.subarray(70_000)])
    const sent = [{ body }, { body: pieces(), bodyLength: body.length }, { body: pieces() }]
    for (const each of sent) {
      const attempt = await subject.ask({ method: 'POST', path: '/digest', ...each })
      assert.deepEqual(JSON.parse(answered(attempt).text), { length: body.length, sha256: sha256(body) })
    }
  },

  'a binary answer arrives whole': async (subject) => {
    const { bytes, answerHeaders } = await subject.get(`/bytes/${MEBIBYTE}`)
    assert.equal(sha256(bytes), sha256(pattern(MEBIBYTE)))
    assert.equal(answerHeaders.get('content-encoding'), null)
  },

  'large bodies pass both ways at once': async (subject) => {
    const body = pattern(LARGE)
    const attempt = await subject.ask({
      method: 'POST',
      path: '/pipe',
      headers: ['accept', 'text/event-stream'],
      body: Readable.from(slices(body, 100_000)),
    })
    assert.equal(sha256(answered(attempt).bytes), sha256(body))
  },

  'HEAD has no body and leaves the connection fit': async (subject) => {
    for (const path of ['/bytes/5000', '/echo', '/status/500']) {
      const attempt = await subject.ask({ method: 'HEAD', path })
      assert.equal(attempt.outcome, 'answered', attempt.summary())
      assert.equal(attempt.received, 0)
    }
    await stillServes(subject)
  },

  '204 and 304 have no body and leave the connection fit': async (subject) => {
    for (const status of [204, 304]) {
      const attempt = answered(await subject.ask({ path: `/status/${status}` }), status)
      assert.equal(attempt.received, 0)
      assert.equal(attempt.answerHeaders.get('etag'), '"kit"')
      assert.equal(attempt.answerHeaders.get('transfer-encoding'), null)
      assert.equal(attempt.answerHeaders.get('content-type'), null)
    }
    await stillServes(subject)
  },

  'several headers of one name stay several': async (subject) => {
    const { answerHeaders } = await subject.get('/cookies')
    assert.deepEqual(answerHeaders.all('set-cookie'), ['a=1', 'b=2; Path=/', 'c=3'])
  },

  'whatever status a function chooses is an answer': async (subject) => {
    for (const status of [201, 302, 400, 401, 404, 408, 429, 500, 502, 503, 504]) {
      assert.equal(
        answered(await subject.ask({ path: `/status/${status}` }), status).text,
        `status ${status}`,
      )
    }
  },

  'request headers arrive unchanged, framing and host once': async (subject) => {
    const echo = echoOf(
      await subject.ask({
        method: 'POST',
        path: '/echo',
        headers: [
          'x-kit',
          'caf\xe9',
          '__proto__',
          'p',
          'constructor',
          'c',
          'cookie',
          'a=1',
          'authorization',
          'Bearer t',
        ],
        body: Buffer.from('body'),
      }),
    )
    assert.deepEqual(values(echo, '__proto__'), ['p'])
    assert.deepEqual(values(echo, 'constructor'), ['c'])
    assert.deepEqual(values(echo, 'cookie'), ['a=1'])
    assert.deepEqual(values(echo, 'authorization'), ['Bearer t'])
    assert.equal(values(echo, 'x-kit').length, 1)
    assert.equal(values(echo, 'host').length, 1)
    assert.equal(values(echo, 'content-length').length + values(echo, 'transfer-encoding').length, 1)
  },

  'line ends in header or path make no second header': async (subject) => {
    const evil = 'a\r\nx-injected: 1'
    const tries = [
      { path: '/echo', headers: ['x-kit', evil] },
      { path: '/echo', headers: [`x-kit: 1\r\nx-injected`, '1'] },
      { path: `/echo?${evil}` },
      { path: `/echo HTTP/1.1\r\nx-injected: 1\r\n\r\n` },
    ]
    for (const asked of tries) {
      const attempt = await subject.ask(asked)
      if (attempt.outcome !== 'answered') continue
      assert.ok(!attempt.text.includes('["x-injected"'), attempt.text)
    }
    await stillServes(subject)
  },
} satisfies Record<string, Case>

function* slices(body: Buffer, size: number): Generator<Buffer> {
  for (let at = 0; at < body.length; at += size) yield body.subarray(at, at + size)
}
