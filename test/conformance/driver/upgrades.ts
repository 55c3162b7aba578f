import assert from 'node:assert/strict'
import { once } from 'node:events'
import type { Duplex } from 'node:stream'
import type { Case, Subject } from './subject.ts'
import type { TestAttempt } from './test-attempt.ts'

/** A driver that has `upgrade` opens WebSockets where and how it sends ordinary calls. */
export const UPGRADES = {
  'a WebSocket is opened at the path, with the headers of the call': async (subject) => {
    const headers = ['x-kit', 'up', 'sec-websocket-protocol', 'kit.1, kit.2']
    const attempt = await opened(subject, { path: '/socket/a%20b?x=1&y', headers })
    const asked = JSON.parse(await firstText(attempt.connection!)) as {
      target: string
      headers: [string, string][]
    }
    assert.ok(asked.target.endsWith('/socket/a%20b?x=1&y'), asked.target)
    const seen = new Headers(asked.headers)
    assert.equal(seen.get('x-kit'), 'up')
    assert.equal(seen.get('upgrade')?.toLowerCase(), 'websocket')
    assert.equal(attempt.answerHeaders.get('sec-websocket-protocol'), 'kit.2')
    attempt.abort()
  },

  'frames go both ways on it': async (subject) => {
    const { connection } = await opened(subject, { path: '/socket' })
    await firstText(connection!)
    // The text "kit" from a client, with a mask of zeros.
    connection!.write(Buffer.from([0x81, 0x83, 0, 0, 0, 0, 0x6b, 0x69, 0x74]))
    assert.equal(await firstText(connection!), 'kit')
    connection!.destroy()
  },

  'who ends one half of it sees the other end': async (subject) => {
    const { connection } = await opened(subject, { path: '/socket' })
    await firstText(connection!)
    connection!.resume()
    connection!.end()
    await Promise.race([once(connection!, 'end'), once(connection!, 'close')])
    connection!.destroy()
  },

  'a function that closes it ends it here too': async (subject) => {
    const { connection } = await opened(subject, { path: '/socket' })
    await firstText(connection!)
    // A close frame of a client, 1000, with a mask of zeros: functions answer it.
    connection!.write(Buffer.from([0x88, 0x82, 0, 0, 0, 0, 0x03, 0xe8]))
    const [answer] = (await once(connection!, 'data')) as [Buffer]
    assert.equal(answer[0], 0x88, 'a close frame')
    await once(connection!, 'end')
    connection!.destroy()
  },

  'leaving cuts it': async (subject) => {
    const attempt = await opened(subject, { path: '/socket' })
    const { connection } = attempt
    connection!.resume()
    attempt.abort()
    if (!connection!.closed) await once(connection!, 'close')
    assert.equal(attempt.outcome, null, attempt.summary())
  },

  'a function that has no WebSocket there answers as to any other call': async (subject) => {
    const attempt = await subject.upgrade({ path: '/status/404' }).over()
    assert.equal(attempt.connection, null)
    assert.equal(attempt.outcome, 'answered', attempt.summary())
    assert.equal(attempt.status, 404)
  },

  'a success in its place is the failure of the function': async (subject) => {
    const attempt = await subject.upgrade({ path: '/status/200' }).over()
    assert.equal(attempt.outcome, 'function-error', attempt.summary())
  },

  'who leaves before the function agrees stops it at once': async (subject) => {
    const id = subject.id()
    const attempt = subject.upgrade({ path: `/hang?id=${id}` })
    await subject.event(id, 'started', 1000)
    attempt.abort()
    await subject.event(id, 'left', 1000)
    assert.equal(attempt.outcome, null)
  },

  'a WebSocket where nothing listens: unreachable': async (subject) => {
    const invoker = await subject.platform.unreachable!()
    const attempt = await subject.upgrade({ path: '/socket' }, invoker).over()
    assert.equal(attempt.outcome, 'unreachable', attempt.summary())
    await invoker.close()
  },
} satisfies Record<string, Case>

function opened(
  subject: Subject,
  asked: { path: string; headers?: readonly string[] },
): Promise<TestAttempt> {
  return subject.upgrade(asked).until(({ connection }) => connection !== null, 'the WebSocket')
}

/** Payload of the next frame, a short text of a server. */
async function firstText(connection: Duplex): Promise<string> {
  let bytes = Buffer.alloc(0)
  for (;;) {
    if (bytes.length >= 4) {
      assert.equal(bytes[0], 0x81, 'a text in one frame')
      const long = bytes[1] === 126
      const start = long ? 4 : 2
      const end = start + (long ? bytes.readUInt16BE(2) : bytes[1]!)
      if (bytes.length >= end) {
        if (bytes.length > end) connection.unshift(bytes.subarray(end))
        return bytes.toString('utf8', start, end)
      }
    }
    const piece: Buffer | null = connection.read()
    if (piece === null) await once(connection, 'readable')
    else bytes = Buffer.concat([bytes, piece])
  }
}
