import assert from 'node:assert/strict'
import { test } from 'node:test'
import { LANE_NAMES } from '../../gateway/contract/lane.ts'
import { startTestGateway } from './gateway.ts'
import { startUpstream } from './upstream.ts'
import { Wire } from './wire.ts'

/** Method, status that the function answers (or a path that the gateway refuses), and a line of the head. */
const REQUESTS = [
  ['GET', '/200', ''],
  ['GET', '/200/with-length', ''],
  ['HEAD', '/200', ''],
  ['HEAD', '/200/with-length', ''],
  ['GET', '/204', ''],
  ['GET', '/304', ''],
  ['GET', '/500', ''],
  ['GET', '/299', ''],
  ['DELETE', '/200', ''],
  ['GET', '//', ''],
  ['HEAD', '//', ''],
  ['GET', '/200', 'Connection: close\r\n'],
  ['GET', '/204', 'Connection: close\r\n'],
  ['GET', '//', 'Connection: close\r\n'],
  ['BREW', '/200', ''],
] as const

test('an answer is the same on both lanes, byte for byte but for ids and the time', async (t) => {
  const upstream = await startUpstream(t, ({ target }, response) => {
    response.statusCode = Number(target.slice(1, 4))
    response.setHeader('X-Two', ['1', '2'])
    if (target.endsWith('with-length')) response.setHeader('content-length', 5)
    response.end([204, 304].includes(response.statusCode) ? undefined : 'hello')
  })
  const answers: Record<string, string[]> = {}
  for (const lane of LANE_NAMES) {
    const gateway = await startTestGateway(t, {
      gateway: { lanes: { http: lane } },
      backends: { b: { driver: 'http', url: upstream.url } },
      functions: { f: { deployments: ['b'] } },
      routes: [{ path: '/*', function: 'f', auth: 'none' }],
    })
    answers[lane] = []
    for (const [method, target, more] of REQUESTS) {
      const wire = new Wire(gateway.port, method === 'HEAD')
      wire.write(`${method} ${target} HTTP/1.1\r\nHost: own.test\r\n${more}\r\n`)
      await wire.until(more === '' ? 1 : 2, 3000)
      const text = wire.received.toString('latin1')
      const same = text.replace(/[0-9a-f]{32}/g, 'id').replace(/^date: .*\r$/gim, 'date: now\r')
      answers[lane].push(`${method} ${target} ${more}${wire.closed ? 'and the end' : ''}\r\n${same}`)
      wire.destroy()
    }
  }
  assert.deepEqual(answers['express'], answers['standard'])
  assert.match(answers['express']![0]!, /\r\nHTTP\/1\.1 200 OK\r\n/)
})
