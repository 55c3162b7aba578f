import type { LambdaOptions } from '../../drivers/lambda/options.ts'
import type { DriverPlatform } from '../conformance/driver/subject.ts'
import type { CaseName, Conformance } from '../conformance/driver.ts'
import { openKitPlatform } from './kit-platform.ts'
import { lambdaInvoker, WHOLE_EVENTS } from './lambda-conformance.ts'
import { kitFunction } from './lambda-kit.ts'
import { LambdaPlatform } from './lambda-platform.ts'

const create = (options: Partial<LambdaOptions>) => (): Promise<DriverPlatform> =>
  openKitPlatform({
    create: () => new LambdaPlatform(),
    deploy(platform, port) {
      platform.deploy('kit', kitFunction(port))
      platform.deploy('busy', kitFunction(port, { reserved: 1 }))
    },
    invoker: (endpoint) => lambdaInvoker({ ...options, endpoint }),
    busy: 'arn:aws:lambda:eu-central-1:123456789012:function:busy:live',
  })

const AS_A_WHOLE = 'a result is passed on when it is there as a whole; see the tests of cut results'

const BUFFERED: Partial<Record<CaseName, string>> = {
  ...WHOLE_EVENTS,
  'a receiver that pauses stops the function': AS_A_WHOLE,
  'an answer with a length is cut: no end': AS_A_WHOLE,
  'a chunked answer is cut: no end': AS_A_WHOLE,
  'who leaves in the middle of an answer stops the function at once': AS_A_WHOLE,
  'who leaves while a paused answer waits stops the function at once': AS_A_WHOLE,
}

export const LAMBDA: Readonly<Record<string, Conformance>> = {
  'lambda, payload format 2.0,': { create: create({}), skips: BUFFERED },
  'lambda, payload format 1.0,': {
    create: create({ payload: 'v1' }),
    skips: {
      ...BUFFERED,
      'path and query arrive as they were sent': 'format 1.0 has the query only as names and values',
    },
  },
  'lambda, streaming,': { create: create({ streaming: true }), skips: WHOLE_EVENTS },
}
