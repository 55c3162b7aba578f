import type { SentObject } from './object-store.ts'

interface ServiceParts {
  readonly image?: string
  /** Of its revisions. */
  readonly annotations?: Readonly<Record<string, string>>
  readonly labels?: Readonly<Record<string, string>>
  readonly containerConcurrency?: number
  readonly traffic?: readonly object[]
}

/** A Service of Knative as somebody else may have made it. */
export function serviceObject(
  name: string,
  { image = 'good', annotations = {}, labels = {}, containerConcurrency = 0, traffic }: ServiceParts = {},
): SentObject {
  return {
    apiVersion: 'serving.knative.dev/v1',
    kind: 'Service',
    metadata: { name, labels },
    spec: {
      template: { metadata: { annotations }, spec: { containerConcurrency, containers: [{ image }] } },
      ...(traffic === undefined ? {} : { traffic }),
    },
  }
}
