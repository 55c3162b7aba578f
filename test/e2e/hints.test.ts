import assert from 'node:assert/strict'
import { assertRefused, Edge, message, targets } from './edge.ts'
import { Wire } from './wire.ts'

/** What callers ask of the placement: how it is refused, and that it stays between them and the gateway. */
const edge = new Edge({ gateway: { trustedProxies: ['127.0.0.1'] } })

const get = (...lines: string[]) => message(['GET /x HTTP/1.1', 'Host: a.test', ...lines])

edge.test('a malformed hint is 400 with what was wrong, and never reaches a function', async () => {
  for (const [line, detail] of [
    ['Dispatch-Hint: zoen="a"', /^zoen is unknown; zone may be meant\./],
    ['Dispatch-Hint: zone=5', /^zone must be a region/],
    ['Dispatch-Hint: gpu, =', /^It is not a dictionary of RFC 9651: .* at offset 5\.$/],
    [`Dispatch-Hint: label.a="${'x'.repeat(2000)}"`, /^It is longer than 1024 characters\.$/],
  ] as const) {
    const sent = await edge.send(get(line))
    assertRefused(sent, [400])
    const [answer] = sent.answers
    assert.equal(answer!.headers.get('dispatch-error')?.[0], 'GW_BAD_HINT')
    const problem = JSON.parse(answer!.body.toString()) as { code: string; detail: string }
    assert.equal(problem.code, 'GW_BAD_HINT')
    assert.match(problem.detail, detail)
  }
})

edge.test('a malformed hint says nothing against its connection', async () => {
  const wire = new Wire(edge.port)
  wire.write(get('Dispatch-Hint: colour'))
  await wire.until(1, 3000)
  wire.write(get('Dispatch-Hint: gpu=?0'))
  await wire.until(2, 3000)
  wire.destroy()
  assert.deepEqual(
    wire.answers.map(({ status }) => status),
    [400, 200],
  )
  assert.deepEqual(targets({ seen: await edge.seen() }), ['GET /x'])
})

edge.test('hints and zones are for the gateway: no function sees them', async () => {
  const sent = await edge.send(
    get(
      'Dispatch-Hint: burst=?0',
      'Dispatch-Hint: max-latency=1000',
      'Dispatch-Zone: a',
      'Dispatch-Explain: 1',
    ),
  )
  assert.deepEqual(sent.statuses, [200])
  const ours = Object.keys(sent.seen[0]!.headers).filter((name) => name.startsWith('dispatch-'))
  assert.deepEqual(ours, ['dispatch-deadline'])
})
