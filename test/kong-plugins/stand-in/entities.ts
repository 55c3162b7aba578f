import { createPrivateKey, X509Certificate } from 'node:crypto'
import type { EntityCheck, Field, Fields, NamedField, Schema } from './field.ts'
import { readAddress, typedefs } from './typedefs.ts'

/** A kind of entity: its schema, and how the Admin API gets at it. */
export interface Kind extends Schema {
  readonly name: string
  /** The field whose value may stand in a path instead of the id. */
  readonly endpointKey: string | null
  /** Groups of fields of which no two entities may have the same values. */
  readonly uniqueTogether?: readonly (readonly string[])[]
  /** Path of the collection, when it is not the name. */
  readonly path?: string
  /** Path below a consumer. */
  readonly nestedPath?: string
  /** Collection in declarative configuration, when it is not the name. */
  readonly declarativeName?: string
}

const { id, seconds, fractionalSeconds, name, tags, reference, text, flag } = typedefs
const timed = { created_at: seconds, updated_at: seconds }
const named = (fields: Record<string, Field>): NamedField[] =>
  Object.entries(fields).map(([key, field]) => ({ [key]: field }))

const onlyWithTls = (field: string): EntityCheck => ({
  conditional: {
    if_field: 'protocol',
    if_match: { not_one_of: ['https', 'tls'] },
    then_field: field,
    then_match: { eq: null },
  },
})

const positiveTimeout: Field = { type: 'integer', default: 60000, between: [1, 2147483646] }

const services: Kind = {
  name: 'services',
  endpointKey: 'name',
  fields: named({
    id,
    ...timed,
    name,
    retries: { type: 'integer', default: 5, between: [0, 32767] },
    protocol: { ...typedefs.protocol, required: true, default: 'http' },
    host: { ...typedefs.host, required: true },
    port: { ...typedefs.port, required: true, default: 80 },
    path: typedefs.path,
    connect_timeout: positiveTimeout,
    write_timeout: positiveTimeout,
    read_timeout: positiveTimeout,
    tags,
    client_certificate: reference('certificates'),
    tls_verify: flag(),
    tls_verify_depth: { type: 'integer', between: [0, 64], default: null },
    ca_certificates: { type: 'array', elements: text({ uuid: true }) },
    enabled: flag(true),
  }),
  entity_checks: [
    {
      conditional: {
        if_field: 'protocol',
        if_match: { one_of: ['tcp', 'tls', 'udp', 'grpc', 'grpcs'] },
        then_field: 'path',
        then_match: { eq: null },
      },
    },
    ...['client_certificate', 'tls_verify', 'tls_verify_depth', 'ca_certificates'].map(onlyWithTls),
  ],
}

const peers: Field = {
  type: 'set',
  elements: { type: 'record', fields: named({ ip: typedefs.ipOrCidr, port: typedefs.port }) },
}

const routes: Kind = {
  name: 'routes',
  endpointKey: 'name',
  fields: named({
    id,
    ...timed,
    name,
    protocols: {
      type: 'set',
      len_min: 1,
      required: true,
      elements: typedefs.protocol,
      default: ['http', 'https'],
      mutually_exclusive_subsets: [
        ['http', 'https'],
        ['tcp', 'tls', 'udp'],
        ['tls_passthrough'],
        ['grpc', 'grpcs'],
      ],
    },
    https_redirect_status_code: {
      type: 'integer',
      one_of: [426, 301, 302, 307, 308],
      default: 426,
      required: true,
    },
    strip_path: flag(true),
    preserve_host: flag(false),
    request_buffering: flag(true),
    response_buffering: flag(true),
    tags,
    service: reference('services'),
    snis: { type: 'set', elements: typedefs.wildcardHost },
    sources: peers,
    destinations: peers,
    methods: { type: 'set', elements: typedefs.method },
    hosts: { type: 'array', elements: typedefs.routeHost },
    paths: { type: 'array', elements: typedefs.routePath },
    headers: {
      type: 'map',
      keys: {
        ...typedefs.headerName,
        check: (header: string) =>
          header.toLowerCase() === 'host'
            ? "cannot contain 'host' header, which must be specified in the 'hosts' attribute"
            : undefined,
      },
      values: { type: 'array', elements: text() },
    },
    regex_priority: { type: 'integer', default: 0 },
    path_handling: text({ default: 'v0', one_of: ['v0', 'v1'] }),
  }),
  entity_checks: [
    {
      conditional: {
        if_field: 'protocols',
        if_match: { elements: text({ not_one_of: ['grpcs', 'https', 'tls', 'tls_passthrough'] }) },
        then_field: 'snis',
        then_match: { len_eq: 0 },
        then_err: "'snis' can only be set when 'protocols' is 'grpcs', 'https', 'tls' or 'tls_passthrough'",
      },
    },
  ],
}

const matching = (safe: string, plain: string, by: string[]): EntityCheck => ({
  conditional_at_least_one_of: {
    if_field: 'protocols',
    if_match: { contains: safe },
    then_at_least_one_of: [...by, 'snis'],
    then_err: `must set one of %s when 'protocols' is '${safe}'`,
    else_match: { contains: plain },
    else_then_at_least_one_of: by,
    else_then_err: `must set one of %s when 'protocols' is '${plain}'`,
  },
})
const never = (field: string, type: 'set' | 'array', protocols: string): Field => ({
  type,
  eq: null,
  err: `cannot set '${field}' when 'protocols' is ${protocols}`,
})
const HTTP = "'http' or 'https'"
const GRPC = "'grpc' or 'grpcs'"

/** What a route has to keep to by its first protocol. Not part of what `/schemas/routes` shows. */
export const ROUTE_RULES: Readonly<Record<'http' | 'grpc', Schema>> = {
  http: {
    fields: named({
      sources: never('sources', 'set', HTTP),
      destinations: never('destinations', 'set', HTTP),
    }),
    entity_checks: [matching('https', 'http', ['methods', 'hosts', 'headers', 'paths'])],
  },
  grpc: {
    fields: named({
      strip_path: { ...flag(false), ne: true, err: `cannot set 'strip_path' when 'protocols' is ${GRPC}` },
      methods: never('methods', 'set', GRPC),
      sources: never('sources', 'set', GRPC),
      destinations: never('destinations', 'set', GRPC),
    }),
    entity_checks: [matching('grpcs', 'grpc', ['hosts', 'headers', 'paths'])],
  },
}

const number = (value: number, max: number): Field => ({ type: 'integer', default: value, between: [0, max] })
const period: Field = { type: 'number', default: 0, between: [0, 65535] }
const statuses = (list: number[]): Field => ({
  type: 'array',
  elements: { type: 'integer', between: [100, 999] },
  default: list,
})
/** One that cannot be null; its default is that of its fields. */
const record = (fields: Record<string, Field>): Field => ({
  type: 'record',
  required: true,
  fields: named(fields),
  default: Object.fromEntries(
    Object.entries(fields).flatMap(([name, field]) =>
      field.default === undefined ? [] : [[name, field.default]],
    ),
  ),
})
const checkType = text({ one_of: ['tcp', 'http', 'https', 'grpc', 'grpcs'], default: 'http' })
const hash = text({
  default: 'none',
  one_of: ['none', 'consumer', 'ip', 'header', 'cookie', 'path', 'query_arg', 'uri_capture'],
})
const needed = (on: string, value: string, then: string): EntityCheck => ({
  conditional: {
    if_field: on,
    if_match: { one_of: [value] },
    then_field: then,
    then_match: { required: true },
  },
})

const fallback = (on: string, allowed: string[]): EntityCheck => ({
  conditional: {
    if_field: 'hash_on',
    if_match: { one_of: [on] },
    then_field: 'hash_fallback',
    then_match: { one_of: allowed },
  },
})

const healthchecks = record({
  active: record({
    type: checkType,
    timeout: { ...period, default: 1 },
    concurrency: { type: 'integer', default: 10, between: [1, 2 ** 31] },
    http_path: { ...typedefs.path, default: '/' },
    https_sni: typedefs.sni,
    https_verify_certificate: flag(true),
    headers: { type: 'map', keys: typedefs.headerName, values: { type: 'array', elements: text() } },
    healthy: record({ interval: period, http_statuses: statuses([200, 302]), successes: number(0, 255) }),
    unhealthy: record({
      interval: period,
      http_statuses: statuses([429, 404, 500, 501, 502, 503, 504, 505]),
      tcp_failures: number(0, 255),
      timeouts: number(0, 255),
      http_failures: number(0, 255),
    }),
  }),
  passive: record({
    type: checkType,
    healthy: record({
      http_statuses: statuses([
        200, 201, 202, 203, 204, 205, 206, 207, 208, 226, 300, 301, 302, 303, 304, 305, 306, 307, 308,
      ]),
      successes: number(0, 255),
    }),
    unhealthy: record({
      http_statuses: statuses([429, 500, 503]),
      tcp_failures: number(0, 255),
      timeouts: number(0, 255),
      http_failures: number(0, 255),
    }),
  }),
  threshold: { type: 'number', default: 0, between: [0, 100] },
})

function upstreamNameProblem(host: string): string | undefined {
  const address = readAddress(host)
  if (address === null || address === 'invalid port number')
    return `Invalid name ('${host}'); must be a valid hostname`
  if (address.type !== 'name') return `Invalid name ('${host}'); no ip addresses allowed`
  return address.port === null ? undefined : `Invalid name ('${host}'); no port allowed`
}

const upstreams: Kind = {
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

const targets: Kind = {
  name: 'targets',
  endpointKey: 'target',
  uniqueTogether: [['target', 'upstream']],
  fields: named({
    id,
    created_at: fractionalSeconds,
    updated_at: fractionalSeconds,
    upstream: reference('upstreams', { required: true, on_delete: 'cascade' }),
    target: text({
      required: true,
      check: (target: string) => {
        const address = readAddress(target)
        return address === null || address === 'invalid port number'
          ? 'Invalid target; not a valid hostname or ip address'
          : undefined
      },
    }),
    weight: { type: 'integer', default: 100, between: [0, 65535] },
    tags,
  }),
  entity_checks: [],
}

const certificates: Kind = {
  name: 'certificates',
  endpointKey: null,
  fields: named({
    id,
    ...timed,
    cert: { ...typedefs.certificate, required: true, referenceable: true },
    key: { ...typedefs.key, required: true, referenceable: true, encrypted: true },
    cert_alt: { ...typedefs.certificate, referenceable: true },
    key_alt: { ...typedefs.key, referenceable: true, encrypted: true },
    tags,
    // They are checked one by one when they are made.
    snis: { type: 'array', elements: text(), transient: true },
  }),
  entity_checks: [
    { mutually_required: ['cert_alt', 'key_alt'] },
    {
      custom_entity_check: {
        field_sources: ['cert', 'key'],
        check: (entity: Fields) =>
          new X509Certificate(entity['cert'] as string).checkPrivateKey(
            createPrivateKey(entity['key'] as string),
          )
            ? undefined
            : 'certificate does not match key',
      },
    },
  ],
}

const snis: Kind = {
  name: 'snis',
  endpointKey: 'name',
  fields: named({
    id,
    name: { ...typedefs.wildcardHost, required: true, unique: true },
    ...timed,
    tags,
    certificate: reference('certificates', { required: true }),
  }),
  entity_checks: [],
}

const caCertificates: Kind = {
  name: 'ca_certificates',
  endpointKey: null,
  fields: named({
    id,
    ...timed,
    cert: { ...typedefs.certificate, required: true },
    cert_digest: text({ unique: true }),
    tags,
  }),
  entity_checks: [
    {
      custom_entity_check: {
        field_sources: ['cert'],
        check: (entity: Fields) => {
          const certificate = new X509Certificate(entity['cert'] as string)
          if (certificate.validToDate.getTime() < Date.now())
            return 'certificate expired, "Not After" time is in the past'
          return certificate.ca
            ? undefined
            : 'certificate does not appear to be a CA because it is missing the "CA" basic constraint'
        },
      },
    },
  ],
}

const consumers: Kind = {
  name: 'consumers',
  endpointKey: 'username',
  fields: named({ id, ...timed, username: text({ unique: true }), custom_id: text({ unique: true }), tags }),
  entity_checks: [{ at_least_one_of: ['custom_id', 'username'] }],
}

const ofConsumer = reference('consumers', { required: true, on_delete: 'cascade' })

const keyAuths: Kind = {
  name: 'keyauth_credentials',
  endpointKey: 'key',
  path: 'key-auths',
  nestedPath: 'key-auth',
  fields: named({
    id,
    created_at: seconds,
    consumer: ofConsumer,
    key: text({ unique: true, auto: true }),
    ttl: { type: 'integer' },
    tags,
  }),
  entity_checks: [],
}

const ALGORITHMS = 'HS256 HS384 HS512 RS256 RS384 RS512 ES256 ES384 ES512 PS256 PS384 PS512 EdDSA'.split(' ')

const jwts: Kind = {
  name: 'jwt_secrets',
  endpointKey: 'key',
  path: 'jwts',
  nestedPath: 'jwt',
  fields: named({
    id,
    created_at: seconds,
    consumer: ofConsumer,
    key: text({ unique: true, auto: true }),
    secret: text({ auto: true }),
    rsa_public_key: text({
      check: (pem: string) => (pem.includes('-----BEGIN') ? undefined : 'invalid key'),
    }),
    algorithm: text({ default: 'HS256', one_of: ALGORITHMS }),
    tags,
  }),
  entity_checks: [
    {
      conditional: {
        if_field: 'algorithm',
        if_match: { one_of: ALGORITHMS.filter((algorithm) => !algorithm.startsWith('HS')) },
        then_field: 'rsa_public_key',
        then_match: { required: true },
      },
    },
  ],
}

const acls: Kind = {
  name: 'acls',
  endpointKey: null,
  nestedPath: 'acls',
  uniqueTogether: [['consumer', 'group']],
  fields: named({ id, created_at: seconds, consumer: ofConsumer, group: text({ required: true }), tags }),
  entity_checks: [],
}

const plugins: Kind = {
  name: 'plugins',
  endpointKey: 'instance_name',
  uniqueTogether: [['name', 'route', 'service', 'consumer']],
  fields: named({
    id,
    name: text({ required: true }),
    instance_name: name,
    ...timed,
    route: reference('routes', { default: null, on_delete: 'cascade' }),
    service: reference('services', { default: null, on_delete: 'cascade' }),
    consumer: reference('consumers', { default: null, on_delete: 'cascade' }),
    config: { type: 'record', fields: [] },
    protocols: {
      type: 'set',
      required: true,
      default: ['grpc', 'grpcs', 'http', 'https'],
      elements: typedefs.protocol,
    },
    enabled: flag(true),
    tags,
  }),
  entity_checks: [],
}

/** Every kind that the stand-in knows. */
export const KINDS: readonly Kind[] = [
  acls,
  caCertificates,
  certificates,
  consumers,
  jwts,
  keyAuths,
  plugins,
  routes,
  services,
  snis,
  targets,
  upstreams,
]
