import assert from 'node:assert/strict'
import https from 'node:https'
import { type TestContext, test } from 'node:test'
import type { TLSSocket } from 'node:tls'
import { type Agent, request } from 'undici'
import { administrationAgent } from '../../../drivers/support/administration-agent.ts'
import { probeAgent } from '../../../drivers/support/health-probe.ts'
import { Connections } from '../../../drivers/support/kubernetes/connection.ts'
import {
  createAuthority,
  createServerCertificate,
} from '../../../gateway/development/certificate-authority.ts'
import { listen, shut } from '../../loopback.ts'
import { CONNECTION } from '../driver-hosts.ts'

const authority = createAuthority(Date.now())

interface Tls {
  readonly ca: string | null
  readonly certificate: string | null
  readonly key: string | null
}

/** Every way in which the control plane of a driver reaches its platform. */
const AGENTS: Readonly<Record<string, (url: string, tls: Tls) => Promise<Agent>>> = {
  probes: async (_url, tls) => probeAgent({ ...CONNECTION, ...tls }),
  'what administrators ask': async (_url, tls) => administrationAgent({ ...CONNECTION, ...tls }),
  'the API of a cluster': async (server, tls) => {
    const access = { server, serverName: null, token: null, expiresAt: null, ...tls }
    return (await new Connections({ read: async () => access }, 3000, Date.now).get(null)).agent
  },
}

/** A server with a certificate for this host, and who reached it. */
async function serve(t: TestContext, host: string) {
  const { key, certificate: cert } = await createServerCertificate(await authority, [host], Date.now())
  /** Names that the clients' certificates vouch for. */
  const seen: string[] = []
  const server = https.createServer({ key, cert, requestCert: true, rejectUnauthorized: false })
  server.on('request', ({ socket }, response) => {
    seen.push((socket as TLSSocket).getPeerX509Certificate()?.subjectAltName ?? '')
    response.end()
  })
  const port = await listen(server)
  t.after(() => shut(server))
  return { url: `https://localhost:${port}`, seen }
}

async function ask(agent: Agent, url: string): Promise<string> {
  try {
    const answer = await request(url, { dispatcher: agent, headers: { authorization: 'secret' } })
    await answer.body.dump()
    return String(answer.statusCode)
  } catch (error) {
    return String((error as { code?: unknown }).code)
  } finally {
    await agent.destroy()
  }
}

for (const [who, agentFor] of Object.entries(AGENTS)) {
  test(`${who}: nothing is sent to who is not vouched for, also where the environment says not to look`, async (t) => {
    const { NODE_TLS_REJECT_UNAUTHORIZED: before = '1' } = process.env
    process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = '0'
    t.after(() => Object.assign(process.env, { NODE_TLS_REJECT_UNAUTHORIZED: before }))
    const tls = { ca: null, certificate: null, key: null }
    const { certificate: ca } = await authority
    const [here, elsewhere] = [await serve(t, 'localhost'), await serve(t, 'other.test')]
    assert.match(await ask(await agentFor(here.url, tls), here.url), /^UNABLE_TO_VERIFY|SELF_SIGNED/)
    const named = await agentFor(elsewhere.url, { ...tls, ca })
    assert.equal(await ask(named, elsewhere.url), 'ERR_TLS_CERT_ALTNAME_INVALID')
    assert.deepEqual([...here.seen, ...elsewhere.seen], [])
  })

  test(`${who}: the authority and the client certificate of the backend are used`, async (t) => {
    const { url, seen } = await serve(t, 'localhost')
    const { certificate, key } = await createServerCertificate(await authority, ['client.test'], Date.now())
    const { certificate: ca } = await authority
    assert.equal(await ask(await agentFor(url, { ca, certificate, key }), url), '200')
    assert.deepEqual(seen, ['DNS:client.test'])
  })
}
