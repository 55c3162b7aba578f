import { driver } from '../../drivers/openfaas.ts'
import type { Conformance } from '../conformance/driver.ts'
import { invokerHost, openFaasOptions } from './driver-hosts.ts'
import { openKitPlatform } from './kit-platform.ts'
import { OpenFaasPlatform } from './openfaas-platform.ts'

export const OPENFAAS: Readonly<Record<string, Conformance>> = {
  openfaas: {
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
      'the connection is reset before the head: reset': [
        'function-error',
        'to the watchdog a function that breaks off has crashed, whatever the bytes',
      ],
      'a chunked answer is cut: no end': [
        'answered',
        'its gateway and its provider end an answer of unknown length that breaks off as if it were whole',
      ],
      'the answer is not valid HTTP: malformed': [
        'function-error',
        'to the watchdog a function that breaks off has crashed, whatever the bytes',
      ],
    },
  },
}
