import assert from 'node:assert/strict'
import https from 'node:https'
import { test } from 'node:test'
import type { TLSSocket } from 'node:tls'
import { driver as http } from '../../drivers/http.ts'
import { driver as knative } from '../../drivers/knative.ts'
import { driver as openfaas } from '../../drivers/openfaas.ts'
import { driver as openwhisk } from '../../drivers/openwhisk.ts'
import { driver as riff } from '../../drivers/riff.ts'
import type { Invoker } from '../../gateway/contract/driver.ts'
import { createAuthority, createServerCertificate } from '../../gateway/development/certificate-authority.ts'
import { TestAttempt } from '../conformance/driver/test-attempt.ts'
import { listen, shut } from '../loopback.ts'
import { facts } from './deployment-facts.ts'
import {
  httpOptions,
  invokerHost,
  knativeOptions,
  openFaasOptions,
  openWhiskOptions,
  riffOptions,
} from './driver-hosts.ts'
import { lambdaInvoker } from './lambda-conformance.ts'

interface Tls {
  readonly ca: string | null
  readonly certificate: string | null
  readonly key: string | null
}

interface Address {
  readonly url: string
  readonly ingress: { readonly address: string; readonly host: string; readonly port: number }
}

/** Where Knative is told by host, at an ingress. */
const SERVICE = 'https://{name}.{namespace}.example.com'
/** Of the caller's Host, which has no part in it, and of nobody. */
const OTHERS = ['api.example.com', 'client.test']
const HOSTS = ['localhost', 'kit.default.example.com']

/** Every driver that reaches its platform over TLS. */
const INVOKERS: Readonly<Record<string, (address: Address, tls: Tls) => Invoker>> = {
  http: ({ url }, tls) => http.invoker(httpOptions({ url, preserveHost: true, ...tls }), invokerHost()),
  knative: ({ ingress }, tls) =>
    knative.invoker(knativeOptions({ url: SERVICE, ingress, ...tls }), invokerHost()),
  lambda: ({ url }, tls) => lambdaInvoker({ endpoint: url, ...tls }),
  'lambda, Function URLs': ({ url }, tls) => lambdaInvoker({ endpoint: null, url, ...tls }),
  openfaas: ({ url }, tls) =>
    openfaas.invoker(openFaasOptions({ url, upgradeUrl: url, ...tls }), invokerHost()),
  openwhisk: ({ url }, tls) => openwhisk.invoker(openWhiskOptions({ url, ...tls }), invokerHost()),
  'openwhisk, web actions': ({ url }, tls) =>
    openwhisk.invoker(openWhiskOptions({ url, call: 'web', namespace: 'guest', ...tls }), invokerHost()),
  riff: ({ url }, tls) => riff.invoker(riffOptions({ url, ...tls }), invokerHost()),
  'riff on Knative': ({ ingress }, tls) =>
    riff.invoker(riffOptions({ api: 'knative', url: SERVICE, ingress, ...tls }), invokerHost()),
}

const authority = createAuthority(Date.now())

for (const [name, invokerWith] of Object.entries(INVOKERS)) {
  test(`${name}: a platform is called over TLS only where the authority of the backend vouches for its host`, async (t) => {
    const { certificate: ca } = await authority
    const client = await createServerCertificate(await authority, ['client.test'], Date.now())
    const certificates = { ca, certificate: client.certificate, key: client.key }
    const seen: string[] = []
    const ask = async (hosts: readonly string[], tls: Tls) => {
      const { key, certificate: cert } = await createServerCertificate(await authority, hosts, Date.now())
      const server = https.createServer({ key, cert, requestCert: true, rejectUnauthorized: false })
      server.on('request', ({ socket }, response) => {
        seen.push((socket as TLSSocket).getPeerX509Certificate()?.subjectAltName ?? '')
        response.end('{}')
      })
      const port = await listen(server)
      const ingress = { address: `127.0.0.1:${port}`, host: '127.0.0.1', port }
      const invoker = invokerWith({ url: `https://localhost:${port}`, ingress }, tls)
      t.after(async () => {
        await invoker.close()
        shut(server)
      })
      invoker.check!(facts('kit'))
      return (await new TestAttempt(facts('kit'), { path: '/' }).run(invoker).over()).outcome
    }
    assert.equal(await ask(HOSTS, { ca: null, certificate: null, key: null }), 'unreachable')
    assert.equal(await ask(OTHERS, certificates), 'unreachable')
    assert.deepEqual(seen, [])
    assert.notEqual(await ask(HOSTS, certificates), 'unreachable')
    assert.deepEqual(seen, ['DNS:client.test'])
  })
}
