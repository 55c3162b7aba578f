import { driver } from '../../drivers/knative.ts'
import { describeDriver } from '../conformance/driver.ts'
import { invokerHost, knativeOptions } from './driver-hosts.ts'
import { openKitPlatform } from './kit-platform.ts'
import { KnativePlatform } from './knative-platform.ts'

const url = 'http://{name}.{namespace}.example.com'

describeDriver('knative', {
  create: () =>
    openKitPlatform({
      create: () => new KnativePlatform(),
      deploy(platform, port) {
        platform.deploy('kit.default.example.com', port)
        platform.deploy('busy.default.example.com', port, { containerConcurrency: 1, queueDepth: 0 })
      },
      invoker: (ingress) => driver.invoker(knativeOptions({ url, ingress }), invokerHost()),
      busy: 'busy',
    }),
  outcomes: {
    // The sidecar stands between: to it a function that breaks off has crashed.
    'the connection is reset before the head: reset': 'function-error',
  },
})
