import { type Static, Type } from 'typebox'
import type { DriverDefinition } from '../gateway/contract/driver.ts'
import { Address, Maybe, Url } from '../gateway/contract/option-types.ts'
import { KnativeInvoker } from './knative/invoker.ts'
import { connectionFields } from './support/connection-options.ts'
import { HealthOperator, saysReady } from './support/health-operator.ts'

const Options = Type.Object({
  url: Url({
    description:
      "URL of the services as the platform writes it, for example `http://{name}.{namespace}.functions.example.com`: its `domain-template`. The caller's path is put behind its path.",
  }),
  namespace: Type.String({
    pattern: '^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$',
    default: 'default',
    description: 'Namespace of the services: `{namespace}` in `url`.',
  }),
  tagged: Type.String({
    pattern: '^[a-z0-9{}-]{1,100}$',
    default: '{tag}-{name}',
    expected: 'a pattern such as {tag}-{name}',
    description:
      "What `{name}` in `url` becomes for a deployment that is called SERVICE@TAG, a revision by its tag: the platform's `tag-template`.",
  }),
  ingress: Maybe(
    Address({
      description:
        'Address of the ingress, for example `kourier-internal.kourier-system:80`: every connection goes there, and the host tells which service is called. Left out: where the host leads by DNS. TLS is verified for the host of the service either way.',
    }),
  ),
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
  operator: (options) => (options.health === null ? null : operatorFor(options, new URL(options.health))),
}

function operatorFor(connection: Options, { origin, pathname, search }: URL): HealthOperator {
  return new HealthOperator({ origin, path: pathname + search, headers: {}, isReady: saysReady, connection })
}
