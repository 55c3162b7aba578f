import { type EntityCheck, type Field, named, type Schema } from '../field.ts'
import type { Kind } from '../kind.ts'
import { timed, typedefs } from '../typedefs.ts'

const { id, name, tags, reference, text, flag } = typedefs

const peers: Field = {
  type: 'set',
  elements: { type: 'record', fields: named({ ip: typedefs.ipOrCidr, port: typedefs.port }) },
}

export const routes: Kind = {
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
