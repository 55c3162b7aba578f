import type { Invoker } from '../../gateway/contract/driver.ts'
import type { Conformance } from '../conformance/driver.ts'
import { openKitPlatform } from './kit-platform.ts'
import { KnativePlatform } from './knative-platform.ts'

/** What is kept where Knative runs the functions, which are called by their `SERVICE_URL` at an ingress. */
export function knativeConformance(
  invoker: (ingress: { readonly host: string; readonly port: number }) => Invoker,
): Conformance {
  return {
    create: () =>
      openKitPlatform({
        create: () => new KnativePlatform(),
        deploy(platform, port) {
          platform.deploy('kit.default.example.com', port)
          platform.deploy('busy.default.example.com', port, { containerConcurrency: 1, queueDepth: 0 })
        },
        invoker,
        busy: 'busy',
      }),
    outcomes: {
      'the connection is reset before the head: reset': [
        'function-error',
        'to the sidecar of a function one that breaks off has crashed',
      ],
    },
  }
}

export const SERVICE_URL = 'http://{name}.{namespace}.example.com'
