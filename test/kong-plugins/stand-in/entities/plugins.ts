import { named } from '../field.ts'
import type { Kind } from '../kind.ts'
import { timed, typedefs } from '../typedefs.ts'

const { id, name, tags, reference, text, flag } = typedefs

/** Plugins as entities; what their `config` holds is in `../plugins.ts`. */
export const plugins: Kind = {
  name: 'plugins',
  endpointKey: 'instance_name',
  uniqueTogether: [['name', 'route', 'service', 'consumer']],
  fields: named({
    id,
    name: text({ required: true }),
    instance_name: name,
    ...timed,
    route: reference('routes', { default: null, on_delete: 'cascade' }),
    service: reference('services', { default: null, on_delete: 'cascade' }),
    consumer: reference('consumers', { default: null, on_delete: 'cascade' }),
    config: { type: 'record', fields: [] },
    protocols: {
      type: 'set',
      required: true,
      default: ['grpc', 'grpcs', 'http', 'https'],
      elements: typedefs.protocol,
    },
    enabled: flag(true),
    tags,
  }),
  entity_checks: [],
}
