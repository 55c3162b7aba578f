import type { DriverDefinition } from '../gateway/contract/driver.ts'
import { LambdaInvoker } from './lambda/invoker.ts'
import { LambdaOperator } from './lambda/operator.ts'
import { type LambdaOptions, Options } from './lambda/options.ts'
import { UrlInvoker } from './lambda/url-invoker.ts'

/** Functions of AWS Lambda, by its API or by Function URLs. */
export const driver: DriverDefinition<LambdaOptions> = {
  kind: 'lambda',
  status: 'beta',
  description:
    'Functions of AWS Lambda. The name of a deployment is that of the function, `NAME`, `NAME:ALIAS`, `NAME:VERSION` or an ARN. Bodies of requests are held in memory, 6 MiB with what base64 adds.',
  options: Options,
  capabilities: { streaming: true, rawHttp: true },
  invoker: (options, host) =>
    options.url === null ? new LambdaInvoker(options, host) : new UrlInvoker(options, options.url, host),
  operator: (options, host) =>
    options.url !== null && options.urlAuth === 'none' ? null : new LambdaOperator(options, host),
}
