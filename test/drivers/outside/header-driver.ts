import { type Static, Type } from 'typebox'
import type { DriverDefinition } from '../../../gateway/contract/driver.ts'
import { Url } from '../../../gateway/contract/option-types.ts'

const Options = Type.Object({
  url: Url({ origin: true, description: 'A server that finds the function by the header x-function.' }),
})
type Options = Static<typeof Options>

/** A driver from outside the project: names the function in a header. */
export const driver: DriverDefinition<Options> = {
  kind: 'header',
  status: 'experimental',
  description: 'One server for all functions; the header x-function names the one that is meant.',
  options: Options,
  capabilities: { streaming: true, rawHttp: true },
  invoker({ url }, host) {
    const transport = host.transport()
    return {
      invoke({ deployment, method, path, headers, body, bodyLength }, sink) {
        headers.remove('host')
        headers.set('x-function', deployment.name)
        transport.send({ origin: url, method, path, headers: headers.flat, body, bodyLength }, sink)
      },
      close: () => transport.close(),
    }
  },
}
