import type { Fields, Json } from './field.ts'
import type { Kind } from './kind.ts'
import { REDIS_SHORTHANDS } from './plugins.ts'
import { isRecord } from './validate.ts'

/** What Kong makes of fields that stand for others, before it fills in defaults. */
export function expand(kind: Kind, given: Fields): Fields {
  if (kind.name === 'services' && typeof given['url'] === 'string') return expandUrl(given)
  if (kind.name === 'upstreams') return expandBalancing(given)
  if (kind.name === 'plugins' && given['name'] === 'rate-limiting') return expandRedis(given)
  return given
}

function expandUrl({ url, ...others }: Fields): Fields {
  const [, scheme, host, digits, path] =
    /^(?:([a-z+.-]+):\/\/)?([^/:]*)(?::(\d+))?(\/.*)?$/i.exec(url as string) ?? []
  const port = digits === undefined ? null : Number(digits)
  const protocol = scheme ?? (port === 443 ? 'https' : 'http')
  return {
    ...others,
    protocol,
    host: host || null,
    port: port ?? (protocol === 'https' ? 443 : 80),
    path: path ?? null,
  }
}

function expandBalancing(given: Fields): Fields {
  const { algorithm, hash_on: hashOn } = given
  if (algorithm === 'least-connections' || algorithm === 'latency') return { ...given, hash_on: 'none' }
  // Kong expands twice, the second time with the default of hash_on.
  if (algorithm === undefined && typeof hashOn !== 'string') return given
  const hashes = typeof hashOn === 'string' && hashOn !== 'none'
  return { ...given, algorithm: hashes ? 'consistent-hashing' : 'round-robin' }
}

function expandRedis(given: Fields): Fields {
  if (!isRecord(given['config'])) return given
  const config: Fields = { ...given['config'] }
  for (const name of REDIS_SHORTHANDS) {
    const old = config[`redis_${name}`]
    delete config[`redis_${name}`]
    const current = isRecord(config['redis']) ? config['redis'] : {}
    if (old !== undefined && old !== null && current[name] === undefined)
      config['redis'] = { ...current, [name]: old }
  }
  return { ...given, config }
}

/** The old names that Kong adds to the configuration of a plugin when it shows it. */
export function withOldNames(plugin: string, config: Json): Json {
  if (plugin !== 'rate-limiting' || !isRecord(config) || !isRecord(config['redis'])) return config
  const redis = config['redis']
  return {
    ...config,
    ...Object.fromEntries(REDIS_SHORTHANDS.map((name) => [`redis_${name}`, redis[name] ?? null])),
  }
}
