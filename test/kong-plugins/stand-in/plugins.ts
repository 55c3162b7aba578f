import {
  type EntityCheck,
  type Field,
  type Fields,
  type NamedField,
  named,
  needed,
  type Schema,
} from './field.ts'
import { typedefs } from './typedefs.ts'

const { text, flag } = typedefs
const HTTP = ['grpc', 'grpcs', 'http', 'https']

const noConsumer: Field = { type: 'foreign', reference: 'consumers', eq: null }
const protocols: Field = {
  type: 'set',
  required: true,
  default: HTTP,
  elements: text({ one_of: HTTP }),
}

function plugin(
  config: Record<string, Field>,
  {
    checks = [],
    more = {},
    shorthand,
  }: { checks?: EntityCheck[]; more?: Record<string, Field>; shorthand?: NamedField[] } = {},
): Schema {
  const whole: Field = { type: 'record', required: true, fields: named(config), shorthand_fields: shorthand }
  return { fields: named({ protocols, ...more, config: whole }), entity_checks: checks }
}

const auth = { more: { consumer: noConsumer } }
const METHODS = ['GET', 'HEAD', 'PUT', 'PATCH', 'POST', 'DELETE', 'OPTIONS', 'TRACE', 'CONNECT']
const texts: Field = { type: 'array', elements: text() }
const PERIODS = ['second', 'minute', 'hour', 'day', 'month', 'year']
const limit: Field = { type: 'number', gt: 0 }

/** Fields of `redis` under the names they had before; answers show both. */
export const REDIS_SHORTHANDS = [
  'host',
  'port',
  'timeout',
  'username',
  'password',
  'database',
  'ssl',
  'ssl_verify',
  'server_name',
] as const

const redis: Record<(typeof REDIS_SHORTHANDS)[number], Field> = {
  host: typedefs.host,
  port: { ...typedefs.port, default: 6379 },
  timeout: { ...typedefs.timeout, default: 2000 },
  username: text({ referenceable: true }),
  password: text({ encrypted: true, referenceable: true, len_min: 0 }),
  database: { type: 'integer', default: 0 },
  ssl: { type: 'boolean', default: false },
  ssl_verify: { type: 'boolean', default: false },
  server_name: typedefs.sni,
}

function periodsProblem(config: Fields): string | undefined {
  const given = PERIODS.filter((period) => typeof config[period] === 'number')
  for (const [i, low] of given.entries())
    for (const high of given.slice(i + 1))
      if ((config[high] as number) < (config[low] as number))
        return `The limit for ${high}(${(config[high] as number).toFixed(1)}) cannot be lower than the limit for ${low}(${(config[low] as number).toFixed(1)})`
  return config['policy'] !== 'redis' && config['sync_rate'] !== -1
    ? 'sync_rate can only be used with the redis policy'
    : undefined
}

function rateLimiting(): Schema {
  const schema = plugin(
    {
      ...Object.fromEntries(PERIODS.map((period) => [period, limit])),
      limit_by: text({
        default: 'consumer',
        one_of: ['consumer', 'credential', 'ip', 'service', 'header', 'path'],
      }),
      header_name: typedefs.headerName,
      path: typedefs.path,
      policy: text({ default: 'local', len_min: 0, one_of: ['local', 'cluster', 'redis'] }),
      fault_tolerant: flag(true),
      redis: { type: 'record', required: true, fields: named(redis) },
      hide_client_headers: flag(false),
      error_code: { type: 'number', default: 429, gt: 0 },
      error_message: text({ default: 'API rate limit exceeded' }),
      sync_rate: { type: 'number', required: true, default: -1 },
    },
    {
      checks: [
        { at_least_one_of: PERIODS.map((period) => `config.${period}`) },
        needed('config.policy', 'redis', 'config.redis.host'),
        needed('config.limit_by', 'header', 'config.header_name'),
        needed('config.limit_by', 'path', 'config.path'),
      ],
      shorthand: REDIS_SHORTHANDS.map((name) => ({
        [`redis_${name}`]: { type: redis[name].type },
      })),
    },
  )
  for (const field of schema.fields) if (field['config']) field['config'].check = periodsProblem
  return schema
}

/** The plugins that the stand-in has on board, by name. */
export const PLUGINS: Readonly<Record<string, Schema>> = {
  acl: plugin(
    {
      allow: texts,
      deny: texts,
      hide_groups_header: flag(false),
      always_use_authenticated_groups: flag(false),
    },
    {
      ...auth,
      checks: [
        { only_one_of: ['config.allow', 'config.deny'] },
        { at_least_one_of: ['config.allow', 'config.deny'] },
      ],
    },
  ),
  'correlation-id': plugin({
    header_name: text({ default: 'Kong-Request-ID' }),
    generator: text({
      default: 'uuid#counter',
      required: true,
      one_of: ['uuid', 'uuid#counter', 'tracker'],
    }),
    echo_downstream: flag(false),
  }),
  cors: plugin(
    {
      origins: texts,
      headers: texts,
      exposed_headers: texts,
      methods: { type: 'array', default: METHODS, elements: text({ one_of: METHODS }) },
      max_age: { type: 'number' },
      credentials: flag(false),
      private_network: flag(false),
      preflight_continue: flag(false),
    },
    auth,
  ),
  'dispatch-edge': plugin(
    {
      key_id: text({
        required: true,
        check: (id: string) => (/^[\w.-]{1,64}$/.test(id) ? undefined : `invalid value: ${id}`),
      }),
      key_secret: text({ required: true, len_min: 32, referenceable: true, encrypted: true }),
      audience: text({ required: true, default: 'dispatch', len_min: 1 }),
      lifetime: { type: 'integer', required: true, default: 10, between: [2, 60] },
      bind_request: flag(true),
      zone: text({ referenceable: true }),
      groups: flag(true),
      consumer_headers: flag(false),
      remove_headers: { type: 'set', required: true, default: [], elements: typedefs.headerName },
    },
    auth,
  ),
  'ip-restriction': plugin(
    {
      allow: { type: 'array', elements: typedefs.ipOrCidr },
      deny: { type: 'array', elements: typedefs.ipOrCidr },
      status: { type: 'number' },
      message: text(),
    },
    {
      checks: [{ at_least_one_of: ['config.allow', 'config.deny'] }],
      more: {
        protocols: {
          type: 'set',
          required: true,
          default: ['http', 'https', 'tcp', 'tls', 'grpc', 'grpcs'],
          elements: typedefs.protocol,
        },
      },
    },
  ),
  jwt: plugin(
    {
      uri_param_names: { type: 'set', elements: text(), default: ['jwt'] },
      cookie_names: { type: 'set', elements: text(), default: [] },
      key_claim_name: text({ default: 'iss' }),
      secret_is_base64: flag(false),
      claims_to_verify: { type: 'set', elements: text({ one_of: ['exp', 'nbf'] }) },
      anonymous: text(),
      run_on_preflight: flag(true),
      maximum_expiration: { type: 'number', default: 0, between: [0, 31536000] },
      header_names: { type: 'set', elements: text(), default: ['authorization'] },
      realm: text(),
    },
    {
      ...auth,
      checks: [
        {
          conditional: {
            if_field: 'config.maximum_expiration',
            if_match: { gt: 0 },
            then_field: 'config.claims_to_verify',
            then_match: { contains: 'exp' },
          },
        },
      ],
    },
  ),
  'key-auth': plugin(
    {
      key_names: { type: 'array', required: true, elements: typedefs.headerName, default: ['apikey'] },
      hide_credentials: flag(false),
      anonymous: text(),
      key_in_header: flag(true),
      key_in_query: flag(true),
      key_in_body: flag(false),
      run_on_preflight: flag(true),
      realm: text(),
    },
    auth,
  ),
  'rate-limiting': rateLimiting(),
  'request-size-limiting': plugin({
    allowed_payload_size: { type: 'integer', default: 128 },
    size_unit: text({
      required: true,
      default: 'megabytes',
      one_of: ['megabytes', 'kilobytes', 'bytes'],
    }),
    require_content_length: flag(false),
  }),
}
