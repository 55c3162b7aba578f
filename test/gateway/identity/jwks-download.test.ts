import assert from 'node:assert/strict'
import type { RequestListener } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import { after, before, beforeEach, test } from 'node:test'
import { gzipSync } from 'node:zlib'
import {
  createAuthority,
  createServerCertificate,
} from '../../../gateway/development/certificate-authority.ts'
import { JwksDownload } from '../../../gateway/identity/jwks-download.ts'
import { listen, shut } from '../../loopback.ts'
import { jwk, rsa } from './fixture.ts'
import { jwksConfig, KeyServer } from './key-server.ts'

const KEY = jwk(rsa.publicKey, { kid: 'main' })
let server: KeyServer

before(async () => {
  server = await KeyServer.open(KEY)
})
beforeEach(() => server.publish(KEY))
after(() => server.close())

async function fetchFrom(url: string, settings: Parameters<typeof jwksConfig>[1] = {}) {
  const download = new JwksDownload(jwksConfig(url, settings))
  try {
    return await download.fetch()
  } finally {
    await download.close()
  }
}

test('the keys of a JWKS document are fetched, whatever its media type', async () => {
  for (const type of ['application/jwk-set+json', 'application/json', 'text/html', 'x']) {
    server.answerWith(JSON.stringify({ keys: [KEY], more: 1 }), { 'content-type': type })
    assert.deepEqual(await fetchFrom(server.url), [KEY])
  }
})

test('the request asks for a plain answer', async () => {
  const asked = new Promise((heard) => {
    server.answer = (request, response) => {
      heard([
        request.method,
        request.url,
        request.headers['accept-encoding'],
        request.headers['authorization'],
      ])
      response.end('{"keys":[]}')
    }
  })
  await fetchFrom(`${server.url}?tenant=a`)
  assert.deepEqual(await asked, ['GET', '/jwks?tenant=a', 'identity', undefined])
})

test('only 200 is an answer (D37)', async () => {
  for (const status of [201, 204, 206, 304, 400, 404, 429, 500, 503]) {
    server.answerWith(status === 204 || status === 304 ? '' : JSON.stringify({ keys: [KEY] }), {}, status)
    await assert.rejects(fetchFrom(server.url), { message: `it answered ${status}` })
  }
})

test('a redirect is not followed, wherever it leads (D37)', async () => {
  const target = await KeyServer.open(KEY)
  for (const status of [301, 302, 303, 307, 308]) {
    for (const location of [target.url, '/jwks', 'http://169.254.169.254/', 'file:///etc/passwd']) {
      server.answerWith('', { location }, status)
      await assert.rejects(fetchFrom(server.url), { message: `it answered ${status}` })
    }
  }
  assert.equal(target.fetches, 0)
  await target.close()
})

test('what is not a JSON object with a list of keys is refused (D37)', async () => {
  const texts = [
    ...[
      '',
      '<!doctype html><html></html>',
      '{"keys":[',
      '{"keys":{}}',
      '{}',
      '[]',
      'null',
      '"keys"',
      '{"keys":null}',
    ],
    ...['\ufeff{"keys":[]}', '{"keys":[],"keys":[]}', `{"keys":${'['.repeat(10_000)}`],
  ]
  for (const text of texts) {
    server.answerWith(text, { 'content-type': 'application/json' })
    await assert.rejects(fetchFrom(server.url), /list of keys/)
  }
})

test('a truncated answer is refused (D37)', async () => {
  const text = JSON.stringify({ keys: [KEY] })
  server.answer = (_request, response) => {
    response.writeHead(200, { 'content-length': text.length + 1 })
    response.write(text, () => response.destroy())
  }
  await assert.rejects(fetchFrom(server.url))
})

test('100 MB are cut off at the limit, announced or not (D37)', async () => {
  const chunk = Buffer.alloc(64 * 1024, ' ')
  for (const headers of [{}, { 'content-length': String(1600 * chunk.length) }]) {
    let sent = 0
    const cut = new Promise((closed) => {
      server.answer = (_request, response) => {
        response.on('close', closed)
        response.writeHead(200, headers)
        const more = () => {
          while (sent < 1600 * chunk.length && !response.destroyed) {
            sent += chunk.length
            if (!response.write(chunk)) return response.once('drain', more)
          }
          return response.end()
        }
        more()
      }
    })
    await assert.rejects(fetchFrom(server.url), { message: 'it answered more than 262144 bytes' })
    await cut
    assert.ok(sent < 50_000_000, `${sent} bytes were sent`)
  }
})

test('an answer of the greatest size is taken, one byte more is not', async () => {
  const text = JSON.stringify({ keys: [KEY] })
  server.answerWith(text.padEnd(1024, ' '))
  assert.equal((await fetchFrom(server.url, { maxSize: 1024 })).length, 1)
  server.answerWith(text.padEnd(1025, ' '))
  await assert.rejects(fetchFrom(server.url, { maxSize: 1024 }))
})

test('a compressed answer is refused before it is unpacked, and one that hides it is no JSON (D37)', async () => {
  const bomb = gzipSync(Buffer.alloc(50_000_000, ' '), { level: 9 })
  for (const coding of ['gzip', 'x-gzip', 'br', 'deflate', 'zstd', 'identity, gzip']) {
    server.answerWith(bomb, { 'content-encoding': coding })
    await assert.rejects(fetchFrom(server.url), { message: 'it answered compressed' })
  }
  server.answerWith(bomb)
  await assert.rejects(fetchFrom(server.url), /list of keys/)
})

test('a server that drips, or says nothing, is left after the timeout (D37)', async () => {
  let timer: NodeJS.Timeout | undefined
  const drip: typeof server.answer = (_request, response) => {
    response.writeHead(200)
    timer = setInterval(() => response.write(' '), 20)
    response.on('close', () => clearInterval(timer))
  }
  const dripHead: typeof server.answer = (request) => {
    request.socket.write('HTTP/1.1 200 OK\r\n')
    timer = setInterval(() => request.socket.write('a: b\r\n'), 20)
    request.socket.on('error', () => {}).on('close', () => clearInterval(timer))
  }
  for (const answer of [drip, dripHead, () => {}]) {
    server.answer = answer
    const start = performance.now()
    await assert.rejects(fetchFrom(server.url, { timeout: 200 }), { message: 'it took longer than 200 ms' })
    assert.ok(performance.now() - start < 2000)
  }
})

test('a server that is not there, or speaks no HTTP, is an error with a text', async () => {
  const gone = await KeyServer.open()
  const { url } = gone
  await gone.close()
  await assert.rejects(fetchFrom(url), /ECONNREFUSED/)
  server.answer = (request) => request.socket.end('SSH-2.0-x\r\n')
  await assert.rejects(fetchFrom(server.url), (error: Error) => error.message !== '')
})

test('closing cuts a fetch', async () => {
  const arrived = server.hold()
  const download = new JwksDownload(jwksConfig(server.url))
  const fetched = assert.rejects(download.fetch())
  await arrived
  await download.close()
  await fetched
})

test('certificates are verified, against the given authorities if there are any', async () => {
  const authority = await createAuthority(Date.now())
  const { certificate, key } = await createServerCertificate(authority, ['localhost'], Date.now())
  const answer: RequestListener = (_request, response) => response.end(JSON.stringify({ keys: [KEY] }))
  const secure = createTlsServer({ cert: certificate, key }, answer)
  const url = `https://localhost:${await listen(secure)}/`
  try {
    await assert.rejects(fetchFrom(url), /certificate|CERT|LEAF/)
    assert.deepEqual(await fetchFrom(url, { ca: authority.certificate }), [KEY])
    await assert.rejects(
      fetchFrom(url.replace('localhost', '127.0.0.1'), { ca: authority.certificate }),
      /altnames|ALTNAME/,
    )
  } finally {
    shut(secure)
  }
})

test('only https is used, and http towards this machine', async () => {
  const wrong = [
    'http://idp.example.com/',
    'http://127.0.0.1.example.com/',
    'http://10.0.0.1/',
    'ftp://127.0.0.1/',
  ]
  for (const url of [
    ...wrong,
    'http://localhost.example.com/',
    'http://169.254.169.254/',
    'file:///etc/passwd',
  ]) {
    await assert.rejects(fetchFrom(url), /neither https nor http on this machine/)
  }
  await assert.rejects(fetchFrom('no address'), /Invalid URL/)
  const local = server.url.replace('127.0.0.1', 'localhost')
  assert.deepEqual(await fetchFrom(local), [KEY])
})
