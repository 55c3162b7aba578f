import assert from 'node:assert/strict'
import { assertRefused, assertRefusedAndClosed, Edge, message, targets, until } from './edge.ts'
import { Wire } from './wire.ts'

/** Limits of group G of the checklist, on both sides of each. */
const GATEWAY_BODY = 100 * 1024
const PLUGIN_BODY = 1000
const CONNECTIONS = 8

const edge = new Edge({
  hosts: ['own.test'],
  gateway: { limits: { body: `${GATEWAY_BODY}B`, connections: CONNECTIONS } },
  config: () => ({
    routes: [
      {
        path: '/*',
        hosts: ['small.test'],
        function: 'recorder',
        auth: 'none',
        plugins: { 'request-size': { limit: `${PLUGIN_BODY}B` } },
      },
    ],
  }),
})

const HOST = 'Host: own.test'
const KIB = 1024

/** A head whose fields have exactly so many bytes, with a colon, a space and a line end each. */
function headOf(bytes: number): string {
  const last = 'X: '
  const filler = `F: ${'f'.repeat(995)}`
  const lines = [HOST]
  let left = bytes - HOST.length - 2
  while (left > 2000) {
    lines.push(filler)
    left -= filler.length + 2
  }
  lines.push(last + 'x'.repeat(left - last.length - 2))
  return message(['GET /x HTTP/1.1', ...lines])
}

edge.test('G06 a head up to 16 KiB is taken, one byte more is too large', async () => {
  for (const bytes of [16 * KIB - 1, 16 * KIB]) {
    assert.deepEqual((await edge.send(headOf(bytes))).statuses, [200], `${bytes}`)
  }
  for (const bytes of [16 * KIB + 1, 40 * KIB, 100 * KIB, 1024 * KIB]) {
    assertRefusedAndClosed(await edge.send(headOf(bytes)), [431], `${bytes}`)
  }
})

edge.test('G06 as many fields as allowed are taken, one more is too many', async () => {
  const fields = (count: number) => Array.from({ length: count }, (_, i) => `H${i}: v`)
  assert.deepEqual((await edge.send(message(['GET / HTTP/1.1', HOST, ...fields(127)]))).statuses, [200])
  assertRefused(await edge.send(message(['GET / HTTP/1.1', HOST, ...fields(128)])), [431])
})

edge.test('G06 a target up to 8 KiB is taken, a longer one is too long', async () => {
  const get = (bytes: number) => message([`GET /${'a'.repeat(bytes - 1)} HTTP/1.1`, HOST])
  for (const bytes of [8000, 8 * KIB - 1, 8 * KIB]) {
    assert.deepEqual((await edge.send(get(bytes))).statuses, [200], `${bytes}`)
  }
  for (const bytes of [8 * KIB + 1, 20 * KIB, 64 * KIB]) {
    assertRefused(await edge.send(get(bytes)), [414], `${bytes}`)
  }
  assertRefused(await edge.send(get(1024 * KIB)), [414, 431])
})

for (const [who, host, limit] of [
  ['gateway', HOST, GATEWAY_BODY],
  ['plugin', 'Host: small.test', PLUGIN_BODY],
] as const) {
  edge.test(`G07 a body with a length passes up to the limit of the ${who}`, async () => {
    const post = (bytes: number) =>
      message(['POST /x HTTP/1.1', host, `Content-Length: ${bytes}`], 'b'.repeat(bytes))
    for (const bytes of [limit - 1, limit]) {
      const sent = await edge.send(post(bytes))
      assert.deepEqual(sent.statuses, [200], `${bytes}`)
      assert.equal(sent.seen[0]?.body.length, bytes)
    }
    for (const bytes of [limit + 1, 10 * limit]) assertRefused(await edge.send(post(bytes)), [413])
    // Nothing of the body is waited for.
    assertRefused(
      await edge.send(message(['POST /x HTTP/1.1', host, 'Content-Length: 999999999999999'])),
      [413],
    )
    const expecting = message(['POST /x HTTP/1.1', host, 'Expect: 100-continue', 'Content-Length: 999999999'])
    const sent = await edge.send(expecting)
    assertRefused(sent, [413])
    assert.ok(!sent.raw.includes('100 Continue'))
  })

  edge.test(
    `G07 a chunked body passes up to the limit of the ${who}, and is cut upstream beyond it`,
    async () => {
      const post = (bytes: number, piece: number) => {
        let body = ''
        for (let left = bytes; left > 0; left -= piece) {
          const size = Math.min(left, piece)
          body += `${size.toString(16)}\r\n${'b'.repeat(size)}\r\n`
        }
        return message(['POST /x HTTP/1.1', host, 'Transfer-Encoding: chunked'], `${body}0\r\n\r\n`)
      }
      for (const piece of [limit, 300, 7]) {
        for (const bytes of [limit - 1, limit]) {
          const sent = await edge.send(post(bytes, piece))
          assert.deepEqual(sent.statuses, [200], `${bytes}`)
          assert.equal(sent.seen[0]?.body.length, bytes)
        }
        const { heads, aborted } = edge.upstream
        assertRefused(await edge.send(post(limit + 1, piece)), [413])
        // One head is that of the proof of life.
        await until(() => edge.upstream.aborted - aborted === edge.upstream.heads - heads - 1)
      }
    },
  )
}

edge.test('G07 a body that turns out too long while it streams is cut upstream', async () => {
  const wire = new Wire(edge.port)
  const { heads, aborted } = edge.upstream
  wire.write(
    message(['POST /x HTTP/1.1', 'Host: small.test', 'Transfer-Encoding: chunked'], '5\r\nhello\r\n'),
  )
  await until(() => edge.upstream.heads === heads + 1)
  wire.write(`3e8\r\n${'b'.repeat(1000)}\r\n0\r\n\r\n`)
  await wire.until(1, 3000)
  assert.deepEqual(wire.statuses, [413])
  await until(() => edge.upstream.aborted === aborted + 1)
  assert.deepEqual(targets({ seen: await edge.seen() }), [])
  wire.destroy()
})

edge.test('G08 connections beyond the limit end at once, and the management port still answers', async () => {
  const open = Array.from({ length: CONNECTIONS }, () => new Wire(edge.port))
  for (const wire of open) wire.write(message(['GET /x HTTP/1.1', HOST]))
  for (const wire of open) {
    await wire.until(1, 3000)
    assert.deepEqual(wire.statuses, [200])
  }
  for (let i = 0; i < 20; i++) {
    const start = performance.now()
    const refused = new Wire(edge.port)
    refused.write(message(['GET /x HTTP/1.1', HOST]))
    await refused.until(1, 3000)
    assert.ok(refused.closed)
    assert.deepEqual(refused.statuses, [])
    assert.ok(performance.now() - start < 1000)
  }
  for (const path of ['/healthz', '/readyz', '/metrics']) {
    assert.equal((await fetch(edge.gateway.management + path)).status, 200)
  }
  assert.ok((await edge.metric(/^\w*connections_refused_total /)) >= 20)
  // Those that are open go on.
  open[0]!.write(message(['GET /x HTTP/1.1', HOST]))
  await open[0]!.until(2, 3000)
  assert.deepEqual(open[0]!.statuses, [200, 200])
  for (const wire of open) wire.destroy()
  await until(async () => (await edge.metric(/^\w*connections /)) === 0)
  await edge.seen()
})
