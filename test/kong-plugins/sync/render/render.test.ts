import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { request } from 'undici'
import { parse } from 'yaml'
import {
  createAuthority,
  createServerCertificate,
  type KeyAndCertificate,
} from '../../../../gateway/development/certificate-authority.ts'
import { desiredState } from '../../../../kong-plugins/sync/desired/desired-state.ts'
import type { DesiredState } from '../../../../kong-plugins/sync/entities.ts'
import { type RenderOptions, render } from '../../../../kong-plugins/sync/render/render.ts'
import { configuration, numbered, RICH } from '../../configuration.ts'
import { StandIn } from '../../stand-in/kong.ts'

let pem: KeyAndCertificate
let state: DesiredState

before(async () => {
  pem = await createServerCertificate(await createAuthority(Date.now()), ['api.example.com'], Date.now())
  state = await stateOf([RICH, ...numbered(3)])
})

async function stateOf(routes: Parameters<typeof configuration>[0]['routes']): Promise<DesiredState> {
  const certificates = [{ certificate: pem.certificate, key: { env: 'KEY' }, hosts: ['api.example.com'] }]
  return desiredState(
    (await configuration({ routes, kong: { certificates }, environment: { KEY: pem.key } })).config,
  )
}

const as = (options: Partial<RenderOptions> = {}) =>
  render(state, { format: 'kong', withSecrets: false, name: 'kong', ...options })

let kong: StandIn
before(async () => {
  kong = await StandIn.open({ database: false })
})
after(() => kong.close())

async function load(text: string): Promise<void> {
  const { statusCode, body } = await request(`${kong.url}/config?flatten_errors=1`, {
    method: 'POST',
    headers: { 'content-type': 'text/yaml' },
    body: text,
  })
  const answer = await body.text()
  assert.equal(statusCode, 201, answer)
}

for (const withSecrets of [false, true])
  test(`a Kong without a database takes what is rendered${withSecrets ? ' with secrets' : ''}, and then has all that should be there`, async () => {
    await load(as({ withSecrets }).text)
    for (const { kind, id, name, fields } of state.entities) {
      const path = kind === 'targets' ? `upstreams/${state.owner}.dispatch-edge/targets` : kind
      const { body } = await request(`${kong.url}/${path}/${id}`)
      const live = (await body.json()) as Record<string, unknown>
      for (const [field, value] of Object.entries(fields))
        if (value === null || typeof value !== 'object' || 'id' in value)
          assert.deepEqual(
            live[field],
            field === 'key' && !withSecrets ? '{vault://env/kong-certificates-api-example-com-key}' : value,
            `${kind} ${name}: ${field}`,
          )
    }
  })

test('a secret stands as a reference that Kong follows, and whose variable is told', () => {
  const { text, referred } = as()
  assert.equal(text.includes('PRIVATE KEY'), false)
  assert.match(text, /key: "?\{vault:\/\/env\/kong-certificates-api-example-com-key\}/)
  assert.deepEqual(referred, [
    { variable: 'KONG_CERTIFICATES_API_EXAMPLE_COM_KEY', of: 'certificates api.example.com: key' },
  ])
})

test('secrets are written when that is asked for, and then none is referred to', () => {
  const { text, referred } = as({ withSecrets: true })
  assert.match(text, /PRIVATE KEY/)
  assert.deepEqual(referred, [])
})

test('for decK only what has our tag is its business, and secrets come from its environment', () => {
  const { text } = as({ format: 'deck' })
  const config = parse(text)
  assert.deepEqual(config._info, { select_tags: ['dispatch-edge-owner:dispatch'] })
  assert.equal(config.certificates[0].key, `\${{ env "DECK_KONG_CERTIFICATES_API_EXAMPLE_COM_KEY" }}`)
})

test('a ConfigMap holds the configuration as a file; with secrets in it, it is a Secret', async () => {
  const map = parse(as({ format: 'configmap', name: 'edge' }).text)
  assert.deepEqual([map.kind, map.metadata], ['ConfigMap', { name: 'edge' }])
  assert.equal(map.data['kong.yml'], as().text)
  await load(map.data['kong.yml'])
  const secret = parse(as({ format: 'configmap', withSecrets: true }).text)
  assert.equal(secret.kind, 'Secret')
  assert.match(secret.stringData['kong.yml'], /PRIVATE KEY/)
})

test('the same configuration is rendered the same, down to the byte, whatever the order of its routes', async () => {
  const other = await stateOf([...numbered(3).reverse(), RICH])
  const again = render(other, { format: 'kong', withSecrets: false, name: 'kong' })
  assert.equal(again.text, as().text)
})
