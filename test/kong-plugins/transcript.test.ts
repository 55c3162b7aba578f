import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { after, before, describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { type Dispatcher, request } from 'undici'
import {
  createAuthority,
  createServerCertificate,
  type KeyAndCertificate,
} from '../../gateway/development/certificate-authority.ts'
import { StandIn } from './stand-in/kong.ts'
import { type Recorded, readTranscript } from './transcript.ts'

const FILE = fileURLToPath(new URL('../../../shared/contracts/kong-transcript.txt', import.meta.url))
const missing = existsSync(FILE) ? false : 'the transcript of a real Kong is not beside this repository'
const recorded = missing ? [] : readTranscript(readFileSync(FILE, 'utf8'))

/** What differs from one run to the next. */
const INCIDENTAL = new Set(['created_at', 'updated_at', 'node_id', 'secret'])
const UUID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g

/** Exchanges that only this node or its memory could answer so. */
const NOT_OURS = /^\/(endpoints|debug|clustering|status)/
/** What was sent there was cut short when it was sent, not when it was written down. */
const BROKEN_PEM = /by unknown SNI creates certificate/
/** Answers whose words hang on the machine: the whole node, or a list that holds ids of an earlier run. */
const ONLY_STATUS = /^\/(plugins\/enabled|config)?$/

const RUNS = [
  { what: 'with a database', database: true, sections: [1, 2], before: null },
  { what: 'without a database', database: false, sections: [6], before: null },
  { what: 'without a database about tags', database: false, sections: [7], before: 'JSON object' },
] as const

for (const run of RUNS) {
  describe(`the stand-in ${run.what} answers as the real Kong did`, { skip: missing }, () => {
    let kong: StandIn
    let pem: KeyAndCertificate
    let generated: { id?: string; key?: string } = {}
    /** What Kong made up, once. */
    const take = (what: 'id' | 'key') => {
      const { [what]: value, ...rest } = generated
      generated = rest
      return value
    }
    const ours = recorded.filter(
      ({ section, path, note }) =>
        (run.sections as readonly number[]).includes(section) &&
        !NOT_OURS.test(path) &&
        !BROKEN_PEM.test(note),
    )
    before(async () => {
      pem = await createServerCertificate(await createAuthority(Date.now()), ['a.example.com'], Date.now())
      kong = await StandIn.open({
        database: run.database,
        generated: { id: () => take('id') ?? randomUUID(), key: () => take('key') ?? randomUUID() },
      })
      const first = recorded.find(({ section, note }) => section === 6 && note === run.before)
      if (first) await replay(kong.url, first, pem)
    })
    after(() => kong.close())
    for (const exchange of ours)
      test(`${exchange.line}: ${exchange.method} ${exchange.path} ${exchange.note}`, async () => {
        const { id, key } = (exchange.answer ?? {}) as typeof generated
        generated = exchange.path.includes(id ?? 'none') ? {} : { id, key }
        let { status, body } = await replay(kong.url, exchange, pem)
        const { message } = body as { message?: string }
        if (exchange.status === 204 && /'services' entity references/.test(message ?? '')) {
          // What stood in the way had been deleted, which was not recorded.
          await request(`${kong.url}/services/tls-up`, { method: 'DELETE' })
          ;({ status, body } = await replay(kong.url, exchange, pem))
        }
        assert.equal(status, exchange.status, JSON.stringify(body))
        if (
          exchange.answer === null ||
          ONLY_STATUS.test(exchange.path) ||
          exchange.path.startsWith('/config')
        )
          return
        const known = new Set(JSON.stringify([exchange.body, exchange.path]).match(UUID) ?? [])
        assert.deepEqual(plain(body, known), plain(exchange.answer, known))
      })
    for (const exchange of ours.filter(({ path, status }) => path.startsWith('/config') && status === 400))
      test(`${exchange.line}: what is wrong with a whole configuration is told as by Kong: ${exchange.note}`, async () => {
        const { body } = await replay(kong.url, exchange, pem)
        assert.deepEqual(sorted(body), sorted(exchange.answer))
      })
  })
}

async function replay(url: string, { method, path, contentType, body }: Recorded, pem: KeyAndCertificate) {
  const text = body
    .replaceAll('<PEM certificate>', JSON.stringify(pem.certificate).slice(1, -1))
    .replaceAll('<PEM private key>', JSON.stringify(pem.key).slice(1, -1))
  const type = contentType ?? (body === '' ? null : 'application/json')
  const response = await request(url + path, {
    method: method as Dispatcher.HttpMethod,
    ...(body === '' ? {} : { body: text }),
    ...(type === null ? {} : { headers: { 'content-type': type } }),
  })
  const answer = await response.body.text()
  const json = answer.startsWith('{') || answer.startsWith('[')
  return { status: response.statusCode, body: json ? (JSON.parse(answer) as unknown) : answer }
}

/** A value without what differs from run to run. */
function plain(value: unknown, known: ReadonlySet<string>): unknown {
  if (typeof value === 'string') {
    if (value.includes('-----BEGIN') || value.startsWith('<PEM')) return 'PEM'
    return value.replace(UUID, (id) => (known.has(id) ? id : 'generated'))
  }
  if (Array.isArray(value)) return value.map((item) => plain(item, known))
  if (value === null || typeof value !== 'object') return value
  return Object.fromEntries(
    Object.entries(value)
      .filter(([name]) => !INCIDENTAL.has(name))
      .map(([name, below]) => [name, plain(below, known)]),
  )
}

/** The same, whatever the order in which the flattened mistakes come. */
function sorted(answer: unknown): unknown {
  const { flattened_errors: flattened, ...rest } = answer as { flattened_errors?: { entity_type: string }[] }
  return { ...rest, flattened: flattened?.toSorted((a, b) => (a.entity_type < b.entity_type ? -1 : 1)) }
}
