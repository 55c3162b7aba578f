import { driver } from '../../drivers/riff.ts'
import type { Conformance } from '../conformance/driver.ts'
import { invokerHost, riffOptions } from './driver-hosts.ts'
import { byHeader, createHeaderKitServer, KIT_HEADERS } from './kit-by-header.ts'
import { openKitPlatform } from './kit-platform.ts'
import { RiffPlatform } from './riff-platform.ts'

const ONE_STATUS = 'every reply is 200, and of its headers only the type comes back'
const NO_HTTP = 'functions see a body and its type, nothing else of the request'
const WHOLE = 'messages are whole: nothing is streamed, and nobody can be held back'
const SMALL = 'messages of more than 1,000,000 bytes are dropped'
const NO_RECALL = 'a message that is sent cannot be called back: the function runs on'

export const RIFF: Readonly<Record<string, Conformance>> = {
  riff: {
    create: () =>
      openKitPlatform({
        server: createHeaderKitServer(),
        create: () => new RiffPlatform({ timeoutMs: 2000, headers: KIT_HEADERS }),
        deploy: (platform, port) => platform.deploy('kit', port),
        invoker: (url) => byHeader(driver.invoker(riffOptions({ url, headers: KIT_HEADERS }), invokerHost())),
      }),
    skips: {
      'an answer arrives with its status, headers and body': ONE_STATUS,
      '204 and 304 have no body and leave the connection fit': ONE_STATUS,
      'several headers of one name stay several': ONE_STATUS,
      'a body arrives whole: in memory, with a length, without one': SMALL,
      'a binary answer arrives whole': SMALL,
      'large bodies pass both ways at once': SMALL,
      'whatever status a function chooses is an answer': ONE_STATUS,
      'every method arrives': NO_HTTP,
      'path and query arrive as they were sent': NO_HTTP,
      'request headers arrive unchanged, framing and host once': NO_HTTP,
      'pieces pass both ways before either end is done': WHOLE,
      'a receiver that pauses stops the function': WHOLE,
      'a function that does not read stops the sender': WHOLE,
      'an answer before the body is read arrives': WHOLE,
      'closing lets a running attempt finish': WHOLE,
      'an answer with a length is cut: no end': WHOLE,
      'a chunked answer is cut: no end': WHOLE,
      'a request that is left during its upload is never complete': WHOLE,
      'a request whose body breaks is never complete': WHOLE,
      'who leaves before the head stops the function at once': NO_RECALL,
      'who leaves with a body in memory stops the function at once': NO_RECALL,
      'who leaves in the middle of an answer stops the function at once': NO_RECALL,
      'who leaves while a paused answer waits stops the function at once': NO_RECALL,
      'the platform is full: overloaded, and not executed': 'the platform has no limit that it could tell of',
    },
    outcomes: {
      'the connection is reset before the head: reset': [
        'timeout',
        'a function that gives its sidecar no answer gives no reply: the platform waits in vain',
      ],
      'the answer is not valid HTTP: malformed': [
        'timeout',
        'a function that gives its sidecar no answer gives no reply: the platform waits in vain',
      ],
      'the function crashes: function-error': [
        'timeout',
        'a function that gives its sidecar no answer gives no reply: the platform waits in vain',
      ],
    },
  },
}
