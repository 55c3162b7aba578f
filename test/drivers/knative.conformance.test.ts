import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { driver } from '../../drivers/knative.ts'
import { createKitServer } from '../conformance/driver/kit-function.ts'
import { describeDriver } from '../conformance/driver.ts'
import { invokerHost, knativeOptions } from './driver-hosts.ts'
import { KnativePlatform } from './knative-platform.ts'

const facts = (name: string) => ({ organization: 'default', functionName: name, name })
const url = 'http://{name}.{namespace}.example.com'

describeDriver('knative', {
  async create() {
    const server = createKitServer()
    await once(server.listen(0, '127.0.0.1'), 'listening')
    const { port } = server.address() as AddressInfo
    const platform = new KnativePlatform()
    platform.deploy('kit.default.example.com', port)
    platform.deploy('busy.default.example.com', port, { containerConcurrency: 1, queueDepth: 0 })
    const invoker = driver.invoker(knativeOptions({ url, ingress: await platform.listen() }), invokerHost())
    return {
      invoker,
      deployment: facts('kit'),
      unknown: facts('nope'),
      busy: facts('busy'),
      async unreachable() {
        const gone = new KnativePlatform()
        const ingress = await gone.listen()
        gone.close()
        return driver.invoker(knativeOptions({ url, ingress }), invokerHost())
      },
      async close() {
        await invoker.close()
        platform.close()
        server.closeAllConnections()
        server.close()
      },
    }
  },
  outcomes: {
    // The sidecar stands between: to it a function that breaks off has crashed.
    'the connection is reset before the head: reset': 'function-error',
  },
})
