import { type EntityCheck, named, needed } from '../field.ts'
import type { Kind } from '../kind.ts'
import { readAddress, typedefs } from '../typedefs.ts'
import { healthchecks } from './healthchecks.ts'

const { id, seconds, tags, reference, text } = typedefs

const hash = text({
  default: 'none',
  one_of: ['none', 'consumer', 'ip', 'header', 'cookie', 'path', 'query_arg', 'uri_capture'],
})

const fallback = (on: string, allowed: string[]): EntityCheck => ({
  conditional: {
    if_field: 'hash_on',
    if_match: { one_of: [on] },
    then_field: 'hash_fallback',
    then_match: { one_of: allowed },
  },
})

function upstreamNameProblem(host: string): string | undefined {
  const address = readAddress(host)
  if (address === null || address === 'invalid port number')
    return `Invalid name ('${host}'); must be a valid hostname`
  if (address.type !== 'name') return `Invalid name ('${host}'); no ip addresses allowed`
  return address.port === null ? undefined : `Invalid name ('${host}'); no port allowed`
}

export const upstreams: Kind = {
  name: 'upstreams',
  endpointKey: 'name',
  fields: named({
    id,
    created_at: seconds,
    name: text({ required: true, unique: true, check: upstreamNameProblem }),
    updated_at: seconds,
    algorithm: text({
      default: 'round-robin',
      one_of: ['consistent-hashing', 'least-connections', 'round-robin', 'latency'],
    }),
    hash_on: hash,
    hash_fallback: hash,
    hash_on_header: typedefs.headerName,
    hash_fallback_header: typedefs.headerName,
    hash_on_cookie: typedefs.headerName,
    hash_on_cookie_path: { ...typedefs.path, default: '/' },
    hash_on_query_arg: text({ len_min: 1 }),
    hash_fallback_query_arg: text({ len_min: 1 }),
    hash_on_uri_capture: text({ len_min: 1 }),
    hash_fallback_uri_capture: text({ len_min: 1 }),
    slots: { type: 'integer', default: 10000, between: [10, 65536] },
    healthchecks,
    tags,
    host_header: typedefs.hostWithPort,
    client_certificate: reference('certificates'),
    use_srv_name: { type: 'boolean', default: false },
  }),
  entity_checks: [
    needed('hash_on', 'header', 'hash_on_header'),
    needed('hash_fallback', 'header', 'hash_fallback_header'),
    needed('hash_on', 'cookie', 'hash_on_cookie'),
    needed('hash_fallback', 'cookie', 'hash_on_cookie'),
    fallback('none', ['none']),
    fallback('cookie', ['none']),
    fallback('consumer', ['none', 'ip', 'header', 'cookie', 'path', 'query_arg', 'uri_capture']),
    fallback('ip', ['none', 'consumer', 'header', 'cookie', 'path', 'query_arg', 'uri_capture']),
    fallback('path', ['none', 'consumer', 'header', 'cookie', 'query_arg', 'ip', 'uri_capture']),
    { distinct: ['hash_on_header', 'hash_fallback_header'] },
    needed('hash_on', 'query_arg', 'hash_on_query_arg'),
    needed('hash_fallback', 'query_arg', 'hash_fallback_query_arg'),
    { distinct: ['hash_on_query_arg', 'hash_fallback_query_arg'] },
    needed('hash_on', 'uri_capture', 'hash_on_uri_capture'),
    needed('hash_fallback', 'uri_capture', 'hash_fallback_uri_capture'),
    { distinct: ['hash_on_uri_capture', 'hash_fallback_uri_capture'] },
  ],
}
