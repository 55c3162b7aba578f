import type { Static } from 'typebox'
import { quote } from '../mistakes.ts'
import { nearest } from '../reading/nearest.ts'
import { oneOf } from '../reading/phrases.ts'
import { BROKEN } from '../reading/reading.ts'
import { viewOf } from '../reading/schema-view.ts'
import { BACKEND_FIELDS } from '../registry.ts'
import { type BackendConfig, BackendSchema } from '../schema/backends.ts'
import type { Written, WrittenMap } from '../written.ts'
import type { Assembly } from './assembly.ts'
import { completeOffers } from './needs.ts'
import { readOptions } from './options.ts'
import { refuseUnknownOrganizations } from './organizations.ts'

type BackendFields = Static<typeof BackendSchema>

/** The backends without mistakes, by name. */
export function assembleBackends(assembly: Assembly): Map<string, BackendConfig> {
  const backends = new Map<string, BackendConfig>()
  for (const [name, written] of Object.entries(assembly.document.backends)) {
    const backend = assembleBackend(assembly, name, written)
    if (backend !== null) backends.set(name, assembly.places.note(backend, written))
  }
  return backends
}

function assembleBackend(assembly: Assembly, name: string, written: Written): BackendConfig | null {
  const { reading, registry } = assembly
  const fields = viewOf(BackendSchema)
  const entry = written.kind === 'map' ? written.entries.get('driver') : undefined
  if (written.kind !== 'map' || entry === undefined) {
    // Without a driver nobody knows which options there are; the schema says what is missing.
    reading.read(fields, onlyKnown(written))
    return null
  }
  const kind = reading.read(fields.properties!['driver']!, entry.value)
  if (kind === BROKEN) return null
  const driver = registry.drivers.get(kind as string)
  if (driver === undefined) {
    const kinds = [...registry.drivers.keys()]
    const suggestion = nearest(kind as string, kinds)
    reading.refuse(entry.value, {
      message: `there is no driver ${quote(kind as string)}`,
      expected: kinds.length === 0 ? 'a driver in `drivers`' : oneOf(kinds),
      suggestion,
    })
    return null
  }
  const read = readOptions(reading, driver.options, written, `the driver ${quote(driver.kind)}`, fields)
  if (!read.isSound) return null
  const all = read.options as BackendFields & Record<string, unknown>
  refuseUnknownOrganizations(assembly, all.organizations ?? [])
  const { organizations, zone, concurrency, functionConcurrency, burst, price, drain, probe } = all
  const offers = completeOffers(all.offers)
  const options = Object.fromEntries(Object.entries(all).filter(([key]) => !BACKEND_FIELDS.includes(key)))
  return {
    name,
    driver: driver.kind,
    organizations,
    zone,
    offers,
    concurrency,
    functionConcurrency,
    burst,
    price,
    drain,
    probe,
    options,
  }
}

function onlyKnown(written: Written): Written {
  if (written.kind !== 'map') return written
  const entries = [...written.entries].filter(([key]) => BACKEND_FIELDS.includes(key))
  return { ...written, entries: new Map(entries) } satisfies WrittenMap
}
