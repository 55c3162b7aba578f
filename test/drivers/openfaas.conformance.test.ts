import { driver } from '../../drivers/openfaas.ts'
import { describeDriver } from '../conformance/driver.ts'
import { invokerHost, openFaasOptions } from './driver-hosts.ts'
import { openKitPlatform } from './kit-platform.ts'
import { OpenFaasPlatform } from './openfaas-platform.ts'

describeDriver('openfaas', {
  create: () =>
    openKitPlatform({
      create: () => new OpenFaasPlatform({ newer: true }),
      deploy(platform, port) {
        platform.deploy('kit', port, {})
        platform.deploy('busy', port, { maxInflight: 1 })
      },
      invoker: (url, port) => {
        const upgradeUrl = `http://127.0.0.1:${port}/`
        return driver.invoker(openFaasOptions({ url, upgradeUrl }), invokerHost())
      },
      busy: 'busy',
    }),
  outcomes: {
    // The watchdog stands between: to it a function that breaks off has crashed, whatever the bytes.
    'the connection is reset before the head: reset': 'function-error',
    'the answer is not valid HTTP: malformed': 'function-error',
  },
})
