import type { DriverPlatform } from '../conformance/driver/subject.ts'
import type { Conformance } from '../conformance/driver.ts'
import { openKitPlatform } from './kit-platform.ts'
import { lambdaInvoker, WHOLE_EVENTS } from './lambda-conformance.ts'
import { LambdaUrlPlatform } from './lambda-url-platform.ts'

const create = (auth: 'iam' | 'none') => (): Promise<DriverPlatform> =>
  openKitPlatform({
    create: () => new LambdaUrlPlatform(),
    deploy(platform, port) {
      platform.deploy('kit', { port, auth })
      platform.deploy('busy', { port, auth, reserved: 1 })
    },
    invoker: (url) => lambdaInvoker({ endpoint: null, url, urlAuth: auth }),
    busy: 'busy',
  })

export const LAMBDA_URL: Readonly<Record<string, Conformance>> = {
  'lambda, signed Function URLs,': {
    create: create('iam'),
    skips: {
      ...WHOLE_EVENTS,
      'path and query arrive as they were sent':
        'a query is sent in the one spelling that signatures are made of; see the tests of Function URLs',
      'request headers arrive unchanged, framing and host once':
        'the signature takes the place of authorization',
    },
  },
  'lambda, open Function URLs,': { create: create('none'), skips: WHOLE_EVENTS },
}
