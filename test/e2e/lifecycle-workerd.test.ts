import assert from 'node:assert/strict'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { run } from '../gateway/cli/run.ts'
import { call } from './call.ts'
import { startChildGateway } from './child-gateway.ts'

const saying = (text: string) =>
  `export default { fetch() { console.log('called'); return new Response('${text}') } }`

test('a folder is deployed to the machine of the gateway by a command, and answers calls when it is over', async (t) => {
  const gateway = await startChildGateway(t, {
    gateway: { logLevel: 'info', threads: 2 },
    backends: { local: { driver: 'workerd', directory: '.' } },
    functions: { hello: { deployments: ['local'] } },
    routes: [{ path: '/hello', function: 'hello', auth: 'none' }],
  })
  const dispatch = (...args: string[]) => run(args, { cwd: gateway.directory })
  const code = join(gateway.directory, 'code')
  await mkdir(join(code, 'lib'), { recursive: true })
  for (const text of ['one', 'two']) {
    await writeFile(join(code, 'lib/word.js'), `export const word = '${text}'`)
    await writeFile(join(code, 'index.js'), `import './lib/word.js'\n${saying(text)}`)
    const deployed = await dispatch('deploy', 'hello', '--folder', 'code')
    assert.equal(deployed.stdout, `${text === 'one' ? 'created' : 'updated'} hello on local\n`)
    assert.equal(
      deployed.stderr,
      '0 of 1 ready: checking the code\n0 of 1 ready: starting\n1 of 1 ready: ready\n',
    )
    for (let i = 0; i < 4; i++) assert.equal((await call(gateway.port, 'GET', '/hello')).body, text)
  }
  await writeFile(join(code, 'index.js'), 'export default {')
  const broken = await dispatch('deploy', 'hello', '--folder', 'code')
  assert.equal(broken.code, 1)
  assert.match(
    broken.stderr,
    /hello cannot run: hello\/index\.js:1: this is not JavaScript \(GW_ORDER_INVALID/,
  )
  assert.match(
    (await dispatch('scale', 'hello', '2')).stderr,
    /local \(workerd\) cannot scale functions; no backend can\./,
  )
  assert.match((await dispatch('logs', 'hello', '--tail', '1')).stdout, /^\d{4}-\S+Z called\n$/)
  assert.match((await dispatch('list')).stdout, /^local +hello +ready +1 +- +hello +hello\/index\.js$/m)
  assert.equal((await dispatch('remove', 'hello')).stdout, 'removed hello from local\n')
  assert.equal((await call(gateway.port, 'GET', '/hello')).status, 502)
})
