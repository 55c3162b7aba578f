import { kindOf } from '../dao.ts'

/** Parents before what hangs on them. */
export const ORDER = [
  'ca_certificates',
  'certificates',
  'snis',
  'services',
  'upstreams',
  'targets',
  'routes',
  'consumers',
  'keyauth_credentials',
  'jwt_secrets',
  'acls',
  'plugins',
].map(kindOf)
