import { driver } from '../../../drivers/knative.ts'
import type { Operator } from '../../../gateway/contract/driver.ts'
import type { DeployOrder, DeployProgress, Lifecycle } from '../../../gateway/contract/lifecycle.ts'
import type { Cleanup } from '../../e2e/gateway.ts'
import { deployOrder } from '../deploy-order.ts'
import { acmeFacts } from '../deployment-facts.ts'
import { knativeOptions, operatorHost } from '../driver-hosts.ts'
import { type Cluster, openCluster } from '../kubernetes/cluster.ts'
import { KnativeController } from '../kubernetes/knative-controller.ts'
import { openOperator } from '../open-driver.ts'

/** An order that leaves everything open but the image. */
export function orderOf(name: string, image: string, order: Partial<DeployOrder> = {}): DeployOrder {
  return deployOrder({ deployment: acmeFacts(name), image, ...order })
}

/** An operator of Knative with a cluster of its own. */
export interface ClusterOperator extends Cluster {
  readonly operator: Operator
  readonly lifecycle: Required<Lifecycle>
  readonly controller: KnativeController
  /** Deploys, and gives back what was told on the way. */
  deploy(order: DeployOrder): Promise<{ result: 'created' | 'updated'; steps: DeployProgress[] }>
}

type Options = Partial<Parameters<typeof knativeOptions>[0]>

export async function openKnative(
  t: Cleanup,
  deployments: readonly string[] = [],
  options: Options = {},
  groups: readonly string[] = ['serving.knative.dev'],
): Promise<ClusterOperator> {
  const cluster = await openCluster(t, groups)
  const controller = new KnativeController(cluster.api)
  const kubernetes = { kubeconfig: cluster.kubeconfig, context: null, inCluster: false }
  const url = 'http://{name}.{namespace}.example.com'
  const host = operatorHost({ deployments: deployments.map(acmeFacts) })
  const operator = await openOperator(t, driver, knativeOptions({ url, kubernetes, ...options }), host)
  const lifecycle = operator.lifecycle as ClusterOperator['lifecycle']
  const deploy = async (order: DeployOrder) => {
    controller.run()
    const steps: DeployProgress[] = []
    const result = await lifecycle.deploy(order, (step) => steps.push(step), AbortSignal.timeout(20_000))
    return { result, steps }
  }
  return { ...cluster, operator, lifecycle, controller, deploy }
}
