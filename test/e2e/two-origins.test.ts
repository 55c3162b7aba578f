import assert from 'node:assert/strict'
import http from 'node:http'
import { test } from 'node:test'
import { startTestGateway } from './gateway.ts'

/** A server that answers with its name and the target; null when the port is taken. */
async function serverOn(port: number, name: string): Promise<http.Server | null> {
  const server = http.createServer((request, response) => response.end(`${name} ${request.url}`))
  server.listen(port, '127.0.0.1')
  const listens = await new Promise<boolean>((resolve) => {
    server.once('listening', () => resolve(true))
    server.once('error', () => resolve(false))
  })
  return listens ? server : null
}

test('B26 two backends whose ports begin alike are told apart, whatever the path', async (t) => {
  let servers: http.Server[] = []
  let port = 0
  for (let i = 0; i < 100 && servers.length < 2; i++) {
    port = 2000 + Math.floor(Math.random() * 4500)
    const short = await serverOn(port, 'short')
    const long = await serverOn(port * 10 + 1, 'long')
    servers = [short, long].filter((server) => server !== null)
    if (servers.length < 2) for (const server of servers) server.close()
  }
  t.after(() => {
    for (const server of servers) server.close().closeAllConnections()
  })
  const gateway = await startTestGateway(t, {
    backends: {
      short: { driver: 'http', url: `http://127.0.0.1:${port}` },
      'short-based': { driver: 'http', url: `http://127.0.0.1:${port}/1` },
      long: { driver: 'http', url: `http://127.0.0.1:${port}1` },
    },
    functions: {
      short: { deployments: ['short'] },
      'short-based': { deployments: ['short-based'] },
      long: { deployments: ['long'] },
    },
    routes: ['short', 'short-based', 'long'].map((name) => ({
      path: `/${name}/*`,
      rewrite: '/*',
      function: name,
      auth: 'none',
    })),
  })
  const text = async (path: string) => (await fetch(gateway.url + path)).text()
  for (let i = 0; i < 3; i++) {
    assert.equal(await text('/short/1/p'), 'short /1/p')
    assert.equal(await text('/short-based/p'), 'short /1/p')
    assert.equal(await text('/long/p'), 'long /p')
  }
})
