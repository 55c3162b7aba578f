import { once } from 'node:events'
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { driver } from '../../drivers/http.ts'
import { createKitServer } from '../conformance/driver/kit-function.ts'
import type { Conformance } from '../conformance/driver.ts'
import { httpOptions, invokerHost } from './driver-hosts.ts'

export const HTTP: Readonly<Record<string, Conformance>> = {
  http: {
    async create() {
      const server = createKitServer()
      await once(server.listen(0, '127.0.0.1'), 'listening')
      const { port } = server.address() as AddressInfo
      const invoker = driver.invoker(httpOptions({ url: `http://127.0.0.1:${port}/` }), invokerHost())
      return {
        invoker,
        deployment: { organization: 'default', functionName: 'kit', name: 'kit' },
        async unreachable() {
          const gone = http.createServer()
          await once(gone.listen(0, '127.0.0.1'), 'listening')
          const { port } = gone.address() as AddressInfo
          await new Promise((resolve) => gone.close(resolve))
          return driver.invoker(httpOptions({ url: `http://127.0.0.1:${port}/` }), invokerHost())
        },
        async close() {
          await invoker.close()
          server.closeAllConnections()
          server.close()
        },
      }
    },
    skips: {
      'the function crashes: function-error':
        'plain HTTP has no word for a crash: whatever comes is an answer',
      'the platform does not know the function: not-found':
        'plain HTTP cannot tell a missing function from its 404',
      'the platform is full: overloaded, and not executed':
        'a 429 or 503 over plain HTTP does not say that nothing ran',
    },
  },
}
