import type { Config, KongConfig } from '../../../gateway/config/schema.ts'
import type { DesiredEntity, Fields } from '../entities.ts'
import { createEntity } from './entity.ts'
import { HTTP_PROTOCOLS } from './plugin-entity.ts'

/** Plugins of the service, so of all routes of this owner and of no others. */
export function servicePlugins(config: Config, kong: KongConfig, service: DesiredEntity): DesiredEntity[] {
  const { owner, assertion } = kong
  const create = (name: string, settings: Fields, secrets: readonly string[] = []): DesiredEntity =>
    createEntity(
      owner,
      'plugins',
      `${owner}.${name}`,
      {
        name,
        enabled: true,
        service: { id: service.id },
        route: null,
        protocols: HTTP_PROTOCOLS,
        config: settings,
      },
      secrets,
    )
  const correlation = create('correlation-id', {
    header_name: 'x-request-id',
    generator: 'uuid',
    echo_downstream: true,
  })
  const identity = config.identity.kong
  if (identity === null) return [correlation]
  const key = identity.keys[0]!
  const edge = create(
    'dispatch-edge',
    {
      key_id: key.id,
      key_secret: assertion.secret ?? key.secret,
      audience: identity.audience,
      lifetime: assertion.lifetime / 1000,
      bind_request: identity.boundToRequest,
      zone: assertion.zone,
    },
    ['config.key_secret'],
  )
  return [correlation, edge]
}
