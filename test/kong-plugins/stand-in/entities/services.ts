import { type EntityCheck, type Field, named } from '../field.ts'
import type { Kind } from '../kind.ts'
import { timed, typedefs } from '../typedefs.ts'

const { id, name, tags, reference, text, flag } = typedefs

const onlyWithTls = (field: string): EntityCheck => ({
  conditional: {
    if_field: 'protocol',
    if_match: { not_one_of: ['https', 'tls'] },
    then_field: field,
    then_match: { eq: null },
  },
})

const positiveTimeout: Field = { type: 'integer', default: 60000, between: [1, 2147483646] }

export const services: Kind = {
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
