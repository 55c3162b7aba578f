import { type Static, Type } from 'typebox'
import type { DriverDefinition } from '../gateway/contract/driver.ts'
import { Maybe, Secret, Url } from '../gateway/contract/option-types.ts'
import { ActionInvoker } from './openwhisk/action-invoker.ts'
import { OpenWhiskOperator } from './openwhisk/operator.ts'
import { WebInvoker } from './openwhisk/web-invoker.ts'
import { connectionFields } from './support/connection-options.ts'

const Options = Type.Object({
  url: Url({ description: 'URL of the API host, for example `https://openwhisk.example.com`.' }),
  namespace: Type.String({
    pattern: '^[A-Za-z0-9_][A-Za-z0-9_@.&-]{0,255}$',
    default: '_',
    description: 'Namespace of the actions; `_` is that of the key. Web actions need its name.',
  }),
  call: Type.Union([Type.Literal('action'), Type.Literal('web')], {
    default: 'action',
    description:
      '`action` invokes by the API with `apiKey`: the action gets the request as the parameters of a web action (`__ow_method`, `__ow_path`, …), and a call that takes longer than the platform waits is followed up to the deadline. `web` calls web actions at their own addresses; with `apiKey` too such a call is followed up.',
  }),
  apiKey: Maybe(
    Secret({
      description:
        'Key of the namespace, `NAME:SECRET`. It may do everything there: use one for each organization. Also tells which actions exist.',
    }),
  ),
  webSecret: Maybe(
    Secret({
      description:
        'With `web`: what the annotation `require-whisk-auth` of the actions says, sent as `X-Require-Whisk-Auth`. Without such an annotation a web action is open to everybody who reaches the platform.',
    }),
  ),
  ...connectionFields,
})
type Options = Static<typeof Options>

export const driver: DriverDefinition<Options> = {
  kind: 'openwhisk',
  status: 'beta',
  description: 'Actions of OpenWhisk, by its API or as web actions. Requests and results have at most 1 MB.',
  options: Options,
  capabilities: { streaming: false, rawHttp: true },
  invoker: (options, host) =>
    options.call === 'web' ? new WebInvoker(options, host) : new ActionInvoker(options, host),
  operator: (options, host) =>
    options.apiKey === null ? null : new OpenWhiskOperator(options, options.apiKey, host),
}
