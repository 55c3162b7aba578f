import { createServer, type Server } from 'node:http'
import type { Invoker } from '../../gateway/contract/driver.ts'
import { KitFunction } from '../conformance/driver/kit-function.ts'

/** Headers that carry what a platform which knows no paths leaves out. */
export const KIT_HEADERS = ['x-kit-method', 'x-kit-target']

/** Has the kit name its acts in headers, for drivers whose functions see neither method nor path. */
export function byHeader(invoker: Invoker): Invoker {
  return {
    invoke(invocation, sink) {
      invocation.headers.set('x-kit-method', invocation.method)
      invocation.headers.set('x-kit-target', invocation.path)
      invoker.invoke(invocation, sink)
    },
    close: () => invoker.close(),
  }
}

/** The kit's function, which finds its act there. Listens nowhere yet. */
export function createHeaderKitServer(): Server {
  const kit = new KitFunction()
  return createServer((request, response) => {
    request.method = String(request.headers['x-kit-method'])
    request.url = String(request.headers['x-kit-target'])
    kit.handle(request, response)
  })
}
