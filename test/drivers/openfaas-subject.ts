import { driver } from '../../drivers/openfaas.ts'
import type { Conformance } from '../conformance/driver.ts'
import { invokerHost, openFaasOptions } from './driver-hosts.ts'
import { openKitPlatform } from './kit-platform.ts'
import { OpenFaasPlatform } from './openfaas-platform.ts'

const HALF_DUPLEX =
  'an upload ends when its function begins to answer: no part of the platform reads and writes at once'

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
    // How the driver itself keeps these is seen on platforms that do both at once, with no more of them between.
    skips: {
      'pieces pass both ways before either end is done': HALF_DUPLEX,
      'large bodies pass both ways at once': HALF_DUPLEX,
      'an answer before the body is read arrives': HALF_DUPLEX,
      'closing lets a running attempt finish': HALF_DUPLEX,
      'an answer with a length is cut: no end':
        'what is short of a stream with a length is lost with its function: the call fails without a head',
    },
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
