import type { Config } from '../../../gateway/config/schema.ts'
import { digestOf } from '../canonical.ts'
import { type DesiredEntity, type DesiredState, KINDS } from '../entities.ts'
import { authorityEntities, certificateEntities, clientCertificate } from './certificates.ts'
import { routeEntities } from './routes.ts'
import { serviceEntity, upstreamEntities } from './service.ts'
import { servicePlugins } from './service-plugins.ts'

/**
 * All that should be in Kong by a configuration. Pure: the same configuration gives the same state everywhere.
 *
 * @param config Has a `kong`.
 */
export function desiredState(config: Config): DesiredState {
  const kong = config.kong!
  const authorities = authorityEntities(kong)
  const client = clientCertificate(kong)
  const service = serviceEntity(config, kong, authorities, client)
  const found: DesiredEntity[] = [
    ...authorities,
    ...(client === null ? [] : [client]),
    ...certificateEntities(kong),
    service,
    ...upstreamEntities(kong, client),
    ...servicePlugins(config, kong, service),
    ...routeEntities(kong, config.routes, service),
  ]
  const byKind = Map.groupBy(found, ({ kind }) => kind)
  const entities = KINDS.flatMap((kind) => byKind.get(kind) ?? [])
  return { owner: kong.owner, entities, digest: digestOf(entities.map(({ digest }) => digest).sort()) }
}

/** The service, which carries the record. */
export function serviceOf({ entities }: DesiredState): DesiredEntity {
  return entities.find(({ kind }) => kind === 'services')!
}
