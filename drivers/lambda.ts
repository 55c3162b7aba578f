import type { DriverDefinition } from '../gateway/contract/driver.ts'
import { LambdaInvoker } from './lambda/invoker.ts'
import { LambdaOperator } from './lambda/operator.ts'
import { type LambdaOptions, Options } from './lambda/options.ts'

/** Functions of AWS Lambda, by its API. */
export const driver: DriverDefinition<LambdaOptions> = {
  kind: 'lambda',
  status: 'beta',
  description:
    'Functions of AWS Lambda. The name of a deployment is that of the function, `NAME`, `NAME:ALIAS`, `NAME:VERSION` or an ARN. Bodies of requests are held in memory, 6 MiB with what base64 adds.',
  options: Options,
  capabilities: { streaming: true, rawHttp: true },
  invoker: (options, host) => new LambdaInvoker(options, host),
  operator: (options, host) => new LambdaOperator(options, host),
}
