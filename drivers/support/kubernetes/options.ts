import { Type } from 'typebox'
import { Maybe, Path } from '../../../gateway/contract/option-types.ts'
import { KubernetesApi } from './api.ts'
import { Kubeconfig } from './kubeconfig.ts'
import { ServiceAccount } from './service-account.ts'

export interface KubernetesOptions {
  readonly kubeconfig: string | null
  readonly context: string | null
  readonly inCluster: boolean
}

/** Option of drivers whose platform is looked after by way of the API of its cluster. */
export function kubernetesField(description: string) {
  return Maybe(
    Type.Object(
      {
        kubeconfig: Maybe(
          Path({
            description:
              'File that tells where the API is and what proves who asks, as for kubectl: certificates, a token, a token file, or an exec plugin. It is read again every minute.',
          }),
        ),
        context: Maybe(
          Type.String({ minLength: 1, description: 'Context in `kubeconfig`. Left out: its current one.' }),
        ),
        inCluster: Type.Boolean({
          default: false,
          description:
            'In the place of `kubeconfig`, for a gateway that runs in the cluster: the service account of its pod, whose token is read again every minute.',
        }),
      },
      { description },
    ),
  )
}

/** @throws Error For options that cannot be kept together. */
export function checkKubernetes(options: KubernetesOptions | null): void {
  if (options === null) return
  const { kubeconfig, context, inCluster } = options
  if ((kubeconfig !== null) === inCluster) {
    throw new Error('kubernetes needs either kubeconfig or `inCluster: true`')
  }
  if (context !== null && kubeconfig === null) throw new Error('context is for kubeconfig')
}

export function createKubernetesApi(
  { kubeconfig, context }: KubernetesOptions,
  connectTimeoutMs: number,
): KubernetesApi {
  const source = kubeconfig === null ? new ServiceAccount() : new Kubeconfig(kubeconfig, context)
  return new KubernetesApi(source, connectTimeoutMs)
}
