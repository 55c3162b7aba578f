import type { Invoker } from '../../gateway/contract/driver.ts'
import { createKitServer } from '../conformance/driver/kit-function.ts'
import type { Conformance } from '../conformance/driver.ts'
import { freePort } from '../free-port.ts'
import { listen, shut } from '../loopback.ts'
import { facts } from './deployment-facts.ts'

/** What is kept where the function itself is asked. */
export function httpConformance(invokerFor: (origin: string) => Promise<Invoker>): Conformance {
  const invokerAt = (port: number) => invokerFor(`http://127.0.0.1:${port}`)
  return {
    async create() {
      const server = createKitServer()
      const invoker = await invokerAt(await listen(server))
      return {
        invoker,
        deployment: facts('kit'),
        unreachable: async () => invokerAt(await freePort()),
        async close() {
          await invoker.close()
          shut(server)
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
  }
}
