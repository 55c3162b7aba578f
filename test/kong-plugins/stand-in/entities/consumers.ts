import { named } from '../field.ts'
import type { Kind } from '../kind.ts'
import { timed, typedefs } from '../typedefs.ts'

const { id, seconds, tags, reference, text } = typedefs

export const consumers: Kind = {
  name: 'consumers',
  endpointKey: 'username',
  fields: named({ id, ...timed, username: text({ unique: true }), custom_id: text({ unique: true }), tags }),
  entity_checks: [{ at_least_one_of: ['custom_id', 'username'] }],
}

const ofConsumer = reference('consumers', { required: true, on_delete: 'cascade' })

export const keyAuths: Kind = {
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

export const jwts: Kind = {
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

export const acls: Kind = {
  name: 'acls',
  endpointKey: null,
  nestedPath: 'acls',
  uniqueTogether: [['consumer', 'group']],
  fields: named({ id, created_at: seconds, consumer: ofConsumer, group: text({ required: true }), tags }),
  entity_checks: [],
}
