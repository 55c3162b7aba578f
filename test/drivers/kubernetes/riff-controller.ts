import type { KubernetesServer } from './kubernetes-server.ts'
import type { Resource } from './object-store.ts'

const resource = (group: string, version: string, plural: string): Resource => ({
  group,
  version,
  plural,
  namespace: 'default',
})
export const FUNCTIONS = resource('projectriff.io', 'v1alpha1', 'functions')
export const TOPICS = resource('projectriff.io', 'v1alpha1', 'topics')
export const DEPLOYMENTS = resource('apps', 'v1', 'deployments')

interface FunctionSpec {
  readonly container: { readonly image: string }
}

/** The function controller of riff 0.0.7 as far as it is seen in the API: a Deployment without replicas for each function. */
export class RiffController {
  readonly #api: KubernetesServer

  constructor(api: KubernetesServer) {
    this.#api = api
  }

  /** Looks whenever the API was asked. */
  run(): void {
    this.#api.answered = () => this.step()
  }

  step(): void {
    for (const { metadata, spec } of this.#api.objects.all(FUNCTIONS)) {
      const { container } = spec as FunctionSpec
      const { name } = metadata
      const labels = { function: name }
      const containers = [
        { ...container, name: 'main' },
        { name: 'sidecar', image: 'projectriff/function-sidecar:0.0.7' },
      ]
      const template = { metadata: { name, labels }, spec: { containers } }
      const before = this.#api.objects.find(DEPLOYMENTS, name)
      const replicas = (before?.spec as { replicas?: number } | undefined)?.replicas ?? 0
      const made = { apiVersion: 'apps/v1', kind: 'Deployment', spec: { replicas, template } }
      if (before === null) {
        this.#api.objects.create(DEPLOYMENTS, {
          ...made,
          metadata: { name, labels },
        })
      } else if (JSON.stringify(before.spec) !== JSON.stringify(made.spec)) {
        this.#api.objects.replace(DEPLOYMENTS, name, { ...made, metadata: before.metadata }, false)
      }
      const ready = replicas === 0 ? {} : { replicas, readyReplicas: replicas, updatedReplicas: replicas }
      if (before === null || this.#isOld(name)) this.status(name, ready)
    }
  }

  /** What the cluster says of the pods of a function. */
  status(name: string, status: object): void {
    const found = this.#api.objects.get(DEPLOYMENTS, name)
    const observedGeneration = found.metadata.generation
    this.#api.objects.replace(
      DEPLOYMENTS,
      name,
      { ...found, status: { ...status, observedGeneration } },
      true,
    )
  }

  /** Its autoscaler starts pods for messages, or stops them. */
  scale(name: string, replicas: number): void {
    const found = this.#api.objects.get(DEPLOYMENTS, name)
    const spec = { ...(found.spec as object), replicas }
    this.#api.objects.replace(DEPLOYMENTS, name, { ...found, spec }, false)
    this.step()
  }

  #isOld(name: string): boolean {
    const { metadata, status } = this.#api.objects.get(DEPLOYMENTS, name)
    return (status as { observedGeneration?: number } | undefined)?.observedGeneration !== metadata.generation
  }
}
