import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { driver } from '../../drivers/openfaas.ts'
import { createKitServer } from '../conformance/driver/kit-function.ts'
import { describeDriver } from '../conformance/driver.ts'
import { invokerHost, openFaasOptions } from './driver-hosts.ts'
import { OpenFaasPlatform } from './openfaas-platform.ts'

const facts = (name: string) => ({ organization: 'default', functionName: name, name })

describeDriver('openfaas', {
  async create() {
    const server = createKitServer()
    await once(server.listen(0, '127.0.0.1'), 'listening')
    const { port } = server.address() as AddressInfo
    const platform = new OpenFaasPlatform({ newer: true })
    platform.deploy('kit', port, {})
    platform.deploy('busy', port, { maxInflight: 1 })
    const url = await platform.listen()
    const upgradeUrl = `http://127.0.0.1:${port}/`
    const invoker = driver.invoker(openFaasOptions({ url, upgradeUrl }), invokerHost())
    return {
      invoker,
      deployment: facts('kit'),
      unknown: facts('nope'),
      busy: facts('busy'),
      async unreachable() {
        const gone = new OpenFaasPlatform()
        const url = await gone.listen()
        gone.close()
        return driver.invoker(openFaasOptions({ url, upgradeUrl: url }), invokerHost())
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
    // The watchdog stands between: to it a function that breaks off has crashed, whatever the bytes.
    'the connection is reset before the head: reset': 'function-error',
    'the answer is not valid HTTP: malformed': 'function-error',
  },
})
