import { named } from '../field.ts'
import type { Kind } from '../kind.ts'
import { readAddress, typedefs } from '../typedefs.ts'

const { id, fractionalSeconds, tags, reference, text } = typedefs

export const targets: Kind = {
  name: 'targets',
  endpointKey: 'target',
  uniqueTogether: [['target', 'upstream']],
  fields: named({
    id,
    created_at: fractionalSeconds,
    updated_at: fractionalSeconds,
    upstream: reference('upstreams', { required: true, on_delete: 'cascade' }),
    target: text({
      required: true,
      check: (target: string) => {
        const address = readAddress(target)
        return address === null || address === 'invalid port number'
          ? 'Invalid target; not a valid hostname or ip address'
          : undefined
      },
    }),
    weight: { type: 'integer', default: 100, between: [0, 65535] },
    tags,
  }),
  entity_checks: [],
}
