import { driver } from '../../drivers/openwhisk.ts'
import type { DriverPlatform } from '../conformance/driver/subject.ts'
import type { Conformance } from '../conformance/driver.ts'
import { invokerHost, openWhiskOptions } from './driver-hosts.ts'
import { httpAction } from './http-action.ts'
import { openKitPlatform } from './kit-platform.ts'
import { OpenWhiskPlatform } from './openwhisk-platform.ts'

const WHOLE = 'parameters and results are whole: nothing is streamed'
const SMALL = 'parameters and results have at most 1 MB'
const NO_RECALL = 'an activation cannot be stopped'

const create = (options: Partial<Parameters<typeof openWhiskOptions>[0]>) => (): Promise<DriverPlatform> =>
  openKitPlatform({
    create: () => new OpenWhiskPlatform(),
    deploy(platform, port) {
      platform.deploy('kit', httpAction(port))
      platform.deploy('busy', httpAction(port), { limit: 1 })
    },
    invoker: (url) => driver.invoker(openWhiskOptions({ url, ...options }), invokerHost()),
    busy: 'busy',
  })

const conformance: Omit<Conformance, 'create'> = {
  skips: {
    'a body arrives whole: in memory, with a length, without one': SMALL,
    'a binary answer arrives whole': SMALL,
    'large bodies pass both ways at once': SMALL,
    'a receiver that pauses stops the function': SMALL,
    'a function that does not read stops the sender': SMALL,
    'pieces pass both ways before either end is done': WHOLE,
    'an answer before the body is read arrives': WHOLE,
    'an answer with a length is cut: no end': WHOLE,
    'a chunked answer is cut: no end': WHOLE,
    'closing lets a running attempt finish': WHOLE,
    'a request that is left during its upload is never complete': WHOLE,
    'a request whose body breaks is never complete': WHOLE,
    'who leaves before the head stops the function at once': NO_RECALL,
    'who leaves with a body in memory stops the function at once': NO_RECALL,
    'who leaves in the middle of an answer stops the function at once': NO_RECALL,
    'who leaves while a paused answer waits stops the function at once': NO_RECALL,
  },
  outcomes: {
    'the connection is reset before the head: reset': [
      'function-error',
      'the action stands between: whatever breaks there is its failure',
    ],
    'the answer is not valid HTTP: malformed': [
      'function-error',
      'the action stands between: whatever breaks there is its failure',
    ],
  },
}

export const OPENWHISK: Readonly<Record<string, Conformance>> = {
  openwhisk: { create: create({}), ...conformance },
  'openwhisk, web actions,': {
    create: create({ call: 'web', namespace: 'guest' }),
    ...conformance,
    skips: {
      ...conformance.skips,
      'request headers arrive unchanged, framing and host once':
        'the credential of the caller is not for the platform',
    },
  },
}
