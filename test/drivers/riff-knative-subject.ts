import { driver } from '../../drivers/riff.ts'
import type { Conformance } from '../conformance/driver.ts'
import { invokerHost, riffOptions } from './driver-hosts.ts'
import { openKitPlatform } from './kit-platform.ts'
import { KnativePlatform } from './knative-platform.ts'

const url = 'http://{name}.{namespace}.example.com'

export const RIFF_KNATIVE: Readonly<Record<string, Conformance>> = {
  'riff on Knative': {
    create: () =>
      openKitPlatform({
        create: () => new KnativePlatform(),
        deploy(platform, port) {
          platform.deploy('kit.default.example.com', port)
          platform.deploy('busy.default.example.com', port, { containerConcurrency: 1, queueDepth: 0 })
        },
        invoker: (ingress) => driver.invoker(riffOptions({ api: 'knative', url, ingress }), invokerHost()),
        busy: 'busy',
      }),
    outcomes: {
      'the connection is reset before the head: reset': [
        'function-error',
        'to the sidecar of a function one that breaks off has crashed',
      ],
    },
  },
}
