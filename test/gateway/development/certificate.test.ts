import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { X509Certificate } from 'node:crypto'
import { once } from 'node:events'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { createServer } from 'node:https'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { connect } from 'node:tls'
import { promisify } from 'node:util'
import {
  type DevelopmentCertificate,
  openDevelopmentCertificate,
} from '../../../gateway/development/certificate.ts'
import { stateDirectoryOf } from '../../../gateway/development/state-directory.ts'
import { listen } from '../../loopback.ts'
import { temporaryFolder } from './temporary-folder.ts'

const DAY_MS = 86_400_000
const START_MS = Date.UTC(2030, 0, 1)

test('the first start makes a P-256 certificate for this machine that is valid for a year', async (t) => {
  const opened = await openDevelopmentCertificate(stateDirectoryOf(await temporaryFolder(t)), [], START_MS)
  const certificate = new X509Certificate(opened.certificate)
  assert.equal(certificate.publicKey.asymmetricKeyDetails?.namedCurve, 'prime256v1')
  assert.equal(certificate.checkHost('localhost'), 'localhost')
  assert.ok(certificate.checkIP('127.0.0.1'))
  assert.ok(certificate.checkIP('::1'))
  assert.equal(certificate.ca, false)
  assert.deepEqual(certificate.keyUsage, ['1.3.6.1.5.5.7.3.1'], 'for servers only')
  assert.equal(certificate.validToDate.getTime(), START_MS + 365 * DAY_MS)
  assert.ok(certificate.validFromDate.getTime() < START_MS)

  const authority = new X509Certificate(await readFile(opened.authorityFile))
  assert.equal(authority.ca, true)
  assert.ok(certificate.checkIssued(authority))
  assert.ok(certificate.verify(authority.publicKey))
})

test('the file for clients holds no private key', async (t) => {
  const opened = await openDevelopmentCertificate(stateDirectoryOf(await temporaryFolder(t)), [])
  const content = await readFile(opened.authorityFile, 'utf8')
  assert.match(content, /^-----BEGIN CERTIFICATE-----\n[\w+/=\n]+-----END CERTIFICATE-----\n$/)
})

test('a client that trusts the authority connects by name and by both addresses', async (t) => {
  const opened = await openDevelopmentCertificate(stateDirectoryOf(await temporaryFolder(t)), ['dev.example'])
  const port = await serve(t, opened)
  const ca = await readFile(opened.authorityFile)
  for (const servername of ['localhost', 'dev.example']) {
    const socket = connect({ port, host: '127.0.0.1', servername, ca })
    await once(socket, 'secureConnect')
    assert.equal(socket.authorized, true)
    socket.destroy()
  }
  const socket = connect({ port, host: '127.0.0.1', ca })
  await once(socket, 'secureConnect')
  socket.destroy()
  const stranger = connect({ port, host: '127.0.0.1', servername: 'other.example', ca })
  await assert.rejects(once(stranger, 'secureConnect'), { code: 'ERR_TLS_CERT_ALTNAME_INVALID' })
})

test('curl accepts it with --cacert, and not without', { skip: await lacks('curl') }, async (t) => {
  const opened = await openDevelopmentCertificate(stateDirectoryOf(await temporaryFolder(t)), [])
  const port = await serve(t, opened)
  const curl = (...args: string[]) => promisify(execFile)('curl', ['-sS', '--noproxy', '*', ...args])
  const { stdout } = await curl('--cacert', opened.authorityFile, `https://127.0.0.1:${port}/`)
  assert.equal(stdout, 'served')
  await assert.rejects(curl(`https://127.0.0.1:${port}/`), { code: 60 })
})

test('it passes the strict rules of RFC 5280', { skip: await lacks('openssl') }, async (t) => {
  const opened = await openDevelopmentCertificate(stateDirectoryOf(await temporaryFolder(t)), [])
  const leaf = join(await temporaryFolder(t), 'leaf.pem')
  await writeFile(leaf, opened.certificate)
  const { stdout } = await promisify(execFile)('openssl', [
    ...['verify', '-x509_strict', '-purpose', 'sslserver', '-CAfile', opened.authorityFile],
    leaf,
  ])
  assert.match(stdout, /: OK\n$/)
})

test('a restart finds the same certificate until it has less than seven days left', async (t) => {
  const state = stateDirectoryOf(await temporaryFolder(t))
  const first = await openDevelopmentCertificate(state, [], START_MS)
  assert.deepEqual(await openDevelopmentCertificate(state, [], START_MS + 357 * DAY_MS), first)

  const renewed = await openDevelopmentCertificate(state, [], START_MS + 359 * DAY_MS)
  assert.notEqual(renewed.certificate, first.certificate)
  const authority = new X509Certificate(await readFile(first.authorityFile))
  assert.ok(
    new X509Certificate(renewed.certificate).verify(authority.publicKey),
    'clients trust it as before',
  )
})

test('the authority is renewed too before it ends, and signs the server anew', async (t) => {
  const state = stateDirectoryOf(await temporaryFolder(t))
  const first = await openDevelopmentCertificate(state, [], START_MS)
  const before = await readFile(first.authorityFile, 'utf8')
  const renewed = await openDevelopmentCertificate(state, [], START_MS + 3649 * DAY_MS)
  const after = await readFile(first.authorityFile, 'utf8')
  assert.notEqual(after, before)
  assert.ok(new X509Certificate(renewed.certificate).verify(new X509Certificate(after).publicKey))
})

test('a new host gets a new certificate, a host less does not', async (t) => {
  const state = stateDirectoryOf(await temporaryFolder(t))
  const first = await openDevelopmentCertificate(state, [], START_MS)
  const second = await openDevelopmentCertificate(state, ['*.dev.example', '127.0.0.2'], START_MS)
  assert.notEqual(second.certificate, first.certificate)
  const certificate = new X509Certificate(second.certificate)
  assert.ok(certificate.checkHost('api.dev.example'))
  assert.ok(certificate.checkIP('127.0.0.2'))
  assert.equal((await openDevelopmentCertificate(state, [], START_MS)).certificate, second.certificate)
})

test('processes that start together serve what one authority signed', async (t) => {
  const folder = await temporaryFolder(t)
  const opened = await Promise.all(
    Array.from({ length: 5 }, () => openDevelopmentCertificate(stateDirectoryOf(folder), [])),
  )
  const authority = new X509Certificate(await readFile(stateDirectoryOf(folder).path('authority.pem')))
  for (const { certificate } of opened) {
    assert.ok(new X509Certificate(certificate).verify(authority.publicKey))
  }
})

test('files that somebody damaged are made anew', async (t) => {
  const state = stateDirectoryOf(await temporaryFolder(t))
  await mkdir(state.directory)
  for (const name of ['authority-key.pem', 'authority.pem', 'server-key.pem'])
    await state.write(name, 'nonsense')
  const opened = await openDevelopmentCertificate(state, [])
  const authority = new X509Certificate(await readFile(opened.authorityFile))
  assert.ok(new X509Certificate(opened.certificate).verify(authority.publicKey))
})

async function serve(t: TestContext, { certificate, key }: DevelopmentCertificate): Promise<number> {
  const server = createServer({ cert: certificate, key }, (_request, response) => response.end('served'))
  t.after(() => server.close())
  return await listen(server)
}

async function lacks(command: string): Promise<string | false> {
  const found = await promisify(execFile)(command, ['--version']).catch((error) => error)
  return found.code === 'ENOENT' ? `no ${command} on this machine` : false
}
