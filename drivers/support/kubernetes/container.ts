import type { DeployOrder } from '../../../gateway/contract/lifecycle.ts'
import { type Fields, fieldsAt, fieldsOf, itemsOf } from './fields.ts'

const GPU = 'nvidia.com/gpu'

/**
 * The container of a function. What an order can say is as ordered, also when it says nothing; the rest stays: probes,
 * ports, volumes, variables that come from secrets.
 *
 * @param image What `order.image` is.
 * @param existing The container as it is; null for a new one.
 */
export function containerFor(order: DeployOrder, image: string, existing: unknown): Fields {
  const before = fieldsOf(existing)
  const { requests, limits } = resourcesOf(order)
  const ordered = Object.entries(order.environment).map(([name, value]) => ({ name, value }))
  const kept = itemsOf(before['env']).filter((variable) => {
    const { name, valueFrom } = fieldsOf(variable)
    return valueFrom !== undefined && !Object.hasOwn(order.environment, String(name))
  })
  return {
    ...before,
    image,
    env: [...ordered, ...kept],
    resources: {
      ...fieldsOf(before['resources']),
      requests: { ...others(fieldsAt(before, 'resources', 'requests')), ...requests },
      limits: { ...others(fieldsAt(before, 'resources', 'limits')), ...limits },
    },
  }
}

/** Asked for and allowed are the same: a replica gets what it may use. */
function resourcesOf({ memoryBytes, cpuMillis, gpus }: DeployOrder): { requests: Fields; limits: Fields } {
  const both = {
    ...(memoryBytes === null ? {} : { memory: String(memoryBytes) }),
    ...(cpuMillis === null ? {} : { cpu: `${cpuMillis}m` }),
  }
  return { requests: both, limits: gpus === 0 ? both : { ...both, [GPU]: String(gpus) } }
}

function others(resources: Fields): Fields {
  const { memory, cpu, [GPU]: gpu, ...rest } = resources
  return rest
}
