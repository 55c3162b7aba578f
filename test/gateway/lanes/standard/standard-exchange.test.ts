import assert from 'node:assert/strict'
import http from 'node:http'
import { test } from 'node:test'
import { openPipeline, spyPlugin } from '../../pipeline.ts'

const timers = () => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length

/** Status of a request, once its answer was read to the end. */
async function status(agent: http.Agent, url: string): Promise<number> {
  return await new Promise((resolve, reject) => {
    const request = http.get(url, { agent }, (response) => {
      response.resume().on('end', () => resolve(response.statusCode ?? 0))
    })
    request.on('error', reject)
  })
}

test('a refused request without a body leaves nothing behind that could end its connection later', async (t) => {
  const pipeline = await openPipeline(
    {
      identity: { development: true },
      backends: { b: { driver: 'http', url: 'http://127.0.0.1:9' } },
      functions: { f: { deployments: ['b'] } },
      routes: [{ path: '/*', function: 'f' }],
    },
    spyPlugin('spy', {}),
  )
  const agent = new http.Agent({ keepAlive: true, maxSockets: 1 })
  t.after(() => {
    agent.destroy()
    pipeline.close()
  })
  assert.equal(await status(agent, pipeline.url), 401)
  const before = timers()
  for (let i = 0; i < 20; i++) assert.equal(await status(agent, pipeline.url), 401)
  assert.ok(timers() <= before + 1, `${timers() - before} timers more after 20 refusals`)
})
