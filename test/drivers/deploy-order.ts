import type { DeployOrder } from '../../gateway/contract/lifecycle.ts'

/** An order that leaves everything open but what a test says. */
export function deployOrder(parts: Partial<DeployOrder>): DeployOrder {
  return {
    deployment: { organization: 'default', functionName: 'hello', name: 'hello' },
    image: null,
    folder: null,
    runtime: null,
    environment: {},
    labels: {},
    memoryBytes: null,
    cpuMillis: null,
    gpus: 0,
    concurrency: null,
    minReplicas: null,
    maxReplicas: null,
    timeoutMs: null,
    ...parts,
  }
}
