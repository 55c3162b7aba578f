import type { DeployOrder } from '../../gateway/contract/lifecycle.ts'
import type { FunctionName } from './function-name.ts'

/** What a watchdog reads of its time-outs. */
const TIMEOUTS = ['exec_timeout', 'read_timeout', 'write_timeout']

/**
 * An order as the platform's FunctionDeployment (OpenAPI of the gateway; types/function_deployment.go of faas-provider).
 *
 * @param rest What the function that is there has and an order cannot say.
 */
export function specificationOf(
  order: DeployOrder,
  image: string,
  { name, namespace }: FunctionName,
  rest: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  const { concurrency, timeoutMs, minReplicas, maxReplicas, environment, labels } = order
  const timeouts = timeoutMs === null ? [] : TIMEOUTS.map((variable) => [variable, `${timeoutMs}ms`])
  const limits = {
    ...(order.memoryBytes !== null && { memory: quantity(order.memoryBytes) }),
    ...(order.cpuMillis !== null && { cpu: `${order.cpuMillis}m` }),
    ...(order.gpus > 0 && { 'nvidia.com/gpu': String(order.gpus) }),
  }
  return {
    ...rest,
    service: name,
    image,
    ...(namespace !== null && { namespace }),
    envVars: {
      ...Object.fromEntries(timeouts),
      ...(concurrency !== null && { max_inflight: String(concurrency) }),
      ...environment,
    },
    labels: {
      ...(minReplicas !== null && { 'com.openfaas.scale.min': String(minReplicas) }),
      ...(maxReplicas !== null && { 'com.openfaas.scale.max': String(maxReplicas) }),
      ...labels,
    },
    ...(Object.keys(limits).length > 0 && { limits }),
  }
}

/** As Kubernetes writes a quantity of bytes. */
function quantity(bytes: number): string {
  const power = bytes % 2 ** 20 === 0 ? 20 : bytes % 2 ** 10 === 0 ? 10 : 0
  return `${bytes / 2 ** power}${power === 20 ? 'Mi' : power === 10 ? 'Ki' : ''}`
}
