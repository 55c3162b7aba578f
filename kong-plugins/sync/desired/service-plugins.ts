import type { Config, KongConfig } from '../../../gateway/config/schema.ts'
import type { DesiredEntity } from '../entities.ts'
import { createEntity } from './entity.ts'
import { HTTP_PROTOCOLS } from './plugin-entity.ts'

/** Plugins of the service, so of all routes of this owner and of no others. */
export function servicePlugins(
  _config: Config,
  { owner }: KongConfig,
  service: DesiredEntity,
): DesiredEntity[] {
  return [
    createEntity(owner, 'plugins', `${owner}.correlation-id`, {
      name: 'correlation-id',
      enabled: true,
      service: { id: service.id },
      route: null,
      protocols: HTTP_PROTOCOLS,
      config: { header_name: 'x-request-id', generator: 'uuid', echo_downstream: true },
    }),
  ]
}
