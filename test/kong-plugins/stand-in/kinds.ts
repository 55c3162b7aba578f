import { caCertificates, certificates, snis } from './entities/certificates.ts'
import { acls, consumers, jwts, keyAuths } from './entities/consumers.ts'
import { plugins } from './entities/plugins.ts'
import { routes } from './entities/routes.ts'
import { services } from './entities/services.ts'
import { targets } from './entities/targets.ts'
import { upstreams } from './entities/upstreams.ts'
import type { Kind } from './kind.ts'

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
