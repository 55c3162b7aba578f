import { type Static, Type } from 'typebox'
import type {
  DeploymentFacts,
  DriverDefinition,
  Invoker,
  InvokerHost,
  Operator,
  OperatorHost,
} from '../gateway/contract/driver.ts'
import { HeaderName, Url } from '../gateway/contract/option-types.ts'
import { KnativeInvoker } from './knative/invoker.ts'
import { KnativeOperator } from './knative/operator.ts'
import { serviceFields } from './knative/service-fields.ts'
import { TopicInvoker } from './riff/topic-invoker.ts'
import { TopicOperator } from './riff/topic-operator.ts'
import { connectionFields } from './support/connection-options.ts'
import { HealthOperator } from './support/health-operator.ts'
import type { HealthProbeOptions } from './support/health-probe.ts'
import { joinPath } from './support/upstream-path.ts'

const Options = Type.Object({
  api: Type.Union([Type.Literal('topics'), Type.Literal('knative')], {
    default: 'topics',
    description:
      '`topics` is the HTTP gateway of riff 0.0: functions get a body and its type, no method, path or query, and every reply is 200. `knative` is riff since 0.1, whose functions are services of Knative.',
  }),
  url: Url({
    description:
      'With `topics` that of the gateway, for example `http://riff-http-gateway.riff-system`; with `knative` that of the services, as for the driver `knative`.',
  }),
  exchange: Type.Union([Type.Literal('requests'), Type.Literal('messages')], {
    default: 'requests',
    description:
      'With `topics`: `requests` waits for the reply of the function; `messages` answers 202 once the platform took the message, which it may still lose.',
  }),
  headers: Type.Array(HeaderName({ description: 'Header.' }), {
    default: [],
    description:
      "With `topics`: headers that are sent besides Content-Type and Accept, those of the platform's `RIFF_HTTP_HEADERS_WHITELIST`. It drops all others.",
  }),
  ...serviceFields,
  ...connectionFields,
})
type Options = Static<typeof Options>

export const driver: DriverDefinition<Options> = {
  kind: 'riff',
  status: 'beta',
  description:
    'Functions of riff: over the topics of riff 0.0, called by name only and answered whole, or as the Knative services that they are since 0.1, and then as Knative does it.',
  options: Options,
  capabilities: { streaming: true, rawHttp: true },
  invoker: createInvoker,
  operator: (options, host) =>
    options.api === 'topics' ? topicOperator(options, host) : serviceOperator(options, host),
}

function createInvoker(options: Options, host: InvokerHost): Invoker {
  return options.api === 'knative' ? new ServiceInvoker(options, host) : new TopicInvoker(options, host)
}

class ServiceInvoker extends KnativeInvoker {
  readonly #hasTopicOptions: boolean

  constructor(options: Options, host: InvokerHost) {
    super(options, host)
    this.#hasTopicOptions = options.exchange !== 'requests' || options.headers.length > 0
  }

  override check(deployment: DeploymentFacts): void {
    if (this.#hasTopicOptions) throw new Error('exchange and headers are for `api: topics`')
    super.check(deployment)
  }
}

function serviceOperator(options: Options, host: OperatorHost): Operator | null {
  const { kubernetes } = options
  return kubernetes === null ? null : new KnativeOperator({ ...options, kubernetes }, null, host)
}

/** The health of the gateway says that it is there, not that its broker is. */
function topicOperator(options: Options, host: OperatorHost): Operator {
  const { origin, pathname } = new URL(options.url)
  const health: HealthProbeOptions = {
    origin,
    path: joinPath(pathname, '/application/status'),
    headers: {},
    isReady: (status) => status === 200,
    connection: options,
  }
  const { kubernetes } = options
  return kubernetes === null
    ? new HealthOperator(health)
    : new TopicOperator({ ...options, kubernetes }, health, host)
}
