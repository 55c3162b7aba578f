import { createAuthorizer } from '../../gateway/authorization/authorizer.ts'
import type { Principal } from '../../gateway/contract/principal.ts'
import type { Micro } from './micro.ts'

/** What does it cost to decide whether a principal may call a route? */
export const micro: Micro = {
  name: 'authorization',
  prepare() {
    const asked = { organizations: ['acme'], roles: ['operator'], scopes: ['invoke', 'read'] }
    const rest = { issuers: null, apiKeys: true, forwardCredential: false }
    const authorizer = createAuthorizer({ ...asked, ...rest }, 'dispatch')
    const principals = Array.from({ length: 8 }, (_, i): Principal => {
      const owned = { roles: ['viewer', 'operator'], scopes: ['read', 'write', 'invoke'], groups: [] }
      const who = { subject: `s${i}`, issuer: 'i', organization: 'acme', key: `i s${i}` }
      return { ...who, ...owned, expiresAt: Number.POSITIVE_INFINITY, credential: 'jwt' }
    })
    return (i) => (authorizer.check(principals[i & 7]!) === undefined ? 1 : Number.NaN)
  },
}
