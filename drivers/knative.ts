import { type Static, Type } from 'typebox'
import type { DriverDefinition, Operator, OperatorHost } from '../gateway/contract/driver.ts'
import { Maybe, Url } from '../gateway/contract/option-types.ts'
import { KnativeInvoker } from './knative/invoker.ts'
import { KnativeOperator } from './knative/operator.ts'
import { serviceFields } from './knative/service-fields.ts'
import { connectionFields } from './support/connection-options.ts'
import { HealthOperator, saysReady } from './support/health-operator.ts'
import type { HealthProbeOptions } from './support/health-probe.ts'

const Options = Type.Object({
  url: Url({
    description:
      "URL of the services as the platform writes it, for example `http://{name}.{namespace}.functions.example.com`: its `domain-template`. The caller's path is put behind its path.",
  }),
  ...serviceFields,
  health: Maybe(
    Url({
      description:
        'Asked by GET, as often as `probe` says, whether the platform is there: any status from 200 to 399 says so. Left out: only calls that fail tell.',
    }),
  ),
  ...connectionFields,
})
type Options = Static<typeof Options>

export const driver: DriverDefinition<Options> = {
  kind: 'knative',
  status: 'beta',
  description: 'Services of Knative Serving, called by their host, a revision by its tag.',
  options: Options,
  capabilities: { streaming: true, rawHttp: true },
  invoker: (options, host) => new KnativeInvoker(options, host),
  operator: createOperator,
}

function createOperator(options: Options, host: OperatorHost): Operator | null {
  const health = options.health === null ? null : healthOf(options, new URL(options.health))
  if (options.kubernetes === null) return health === null ? null : new HealthOperator(health)
  return new KnativeOperator({ ...options, kubernetes: options.kubernetes }, health, host)
}

function healthOf(connection: Options, { origin, pathname, search }: URL): HealthProbeOptions {
  return { origin, path: pathname + search, headers: {}, isReady: saysReady, connection }
}
