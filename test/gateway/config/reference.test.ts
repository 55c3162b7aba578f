import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { test } from 'node:test'
import { drivers } from '../../../drivers/index.ts'
import { viewOf } from '../../../gateway/config/reading/schema-view.ts'
import { renderReference } from '../../../gateway/config/reference.ts'
import { BackendSchema } from '../../../gateway/config/schema/backends.ts'
import { DocumentSchema } from '../../../gateway/config/schema.ts'
import { plugins } from '../../../gateway/plugins/index.ts'
import { undescribedFields } from '../../conformance/described-fields.ts'
import { load, registry } from './sample.ts'

const whole = { drivers: new Map(drivers.map((driver) => [driver.kind, driver])), plugins }

test('the reference page is what the schemas say now', async () => {
  const page = await readFile(new URL('../../../gateway/config/REFERENCE.md', import.meta.url), 'utf8')
  assert.equal(page, renderReference(whole), 'npx dispatch reference > gateway/config/REFERENCE.md')
})

test('every field of the configuration says what it is', () => {
  assert.deepEqual(undescribedFields(viewOf(DocumentSchema)), [])
  assert.deepEqual(undescribedFields(viewOf(BackendSchema)), [])
})

test('the page tells how a field is written, its default and its meaning', () => {
  const page = renderReference(registry)
  const row = (field: string) => page.split('\n').find((line) => line.startsWith(`| \`${field}\` |`))
  assert.match(
    row('http')!,
    /^\| `http` \| `off` or address \| `127\.0\.0\.1:8080` \| Where plain HTTP is served/,
  )
  assert.match(row('keepAlive')!, /\| duration, at least 1s \| `72s` \|/)
  assert.match(row('audiences')!, /\| list of: string \| \*required\* \|/)
  assert.match(row('limits')!, /\| map: \[`gateway\.limits`\]\(#gatewaylimits\) \|/)
  assert.match(row('password')!, /\| secret \| \*required\* \| What\. \|/)
})

test('drivers and plugins, outside ones too, have their place on the page', () => {
  const page = renderReference(registry)
  assert.ok(
    page.includes(
      '### driver: plain\n\nFor tests. Status: stable; streams answers, takes any path and method.\n',
    ),
  )
  assert.ok(page.indexOf('### plugin: first') < page.indexOf('### plugin: second'))
})

test('every link of the page leads to a heading', () => {
  const page = renderReference(whole)
  const anchors = new Set(
    [...page.matchAll(/^#+ (.*)$/gm)].map(([, title]) =>
      title!
        .toLowerCase()
        .replace(/[^\w -]/g, '')
        .replaceAll(' ', '-'),
    ),
  )
  const links = [...page.matchAll(/\]\(#([^)]*)\)/g)].map(([, anchor]) => anchor!)
  assert.ok(links.length > 20)
  for (const link of links) assert.ok(anchors.has(link), link)
})

test('every default on the page is one that the loader takes', async () => {
  const { config } = await load(
    '{ identity: { issuers: [{ issuer: x, audiences: [x], jwks: { url: "https://x" } }] } }',
  )
  assert.equal(config.identity.issuers[0]!.maxLifetime, 86_400_000)
})
