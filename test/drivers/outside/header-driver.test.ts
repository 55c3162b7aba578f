import { once } from 'node:events'
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { DriverDefinition } from '../../../gateway/contract/driver.ts'
import { KitFunction } from '../../conformance/driver/kit-function.ts'
import { describeDriver } from '../../conformance/driver.ts'
import { invokerHost } from '../driver-hosts.ts'

/** As the gateway does it: a path from the configuration, a module that exports `driver`. */
async function load(path: string): Promise<DriverDefinition> {
  const module = (await import(pathToFileURL(path).href)) as { driver: DriverDefinition }
  return module.driver
}

describeDriver('a driver from outside', {
  async create() {
    const server = http.createServer(new KitFunction().handle)
    await once(server.listen(0, '127.0.0.1'), 'listening')
    const { port } = server.address() as AddressInfo
    const driver = await load(join(import.meta.dirname, 'header-driver.ts'))
    const invoker = driver.invoker({ url: `http://127.0.0.1:${port}` }, invokerHost())
    return {
      invoker,
      deployment: { organization: 'default', functionName: 'kit', name: 'kit' },
      async unreachable() {
        return driver.invoker({ url: 'http://127.0.0.1:1' }, invokerHost())
      },
      async close() {
        await invoker.close()
        server.closeAllConnections()
        server.close()
      },
    }
  },
  skips: {
    'the function crashes: function-error': 'plain HTTP has no word for a crash: whatever comes is an answer',
    'the platform does not know the function: not-found':
      'plain HTTP cannot tell a missing function from its 404',
    'the platform is full: overloaded, and not executed':
      'a 429 or 503 over plain HTTP does not say that nothing ran',
  },
})
