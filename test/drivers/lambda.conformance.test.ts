import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { credentialSourceOf } from '../../drivers/lambda/facts.ts'
import type { LambdaOptions } from '../../drivers/lambda/options.ts'
import { driver } from '../../drivers/lambda.ts'
import type { Invoker } from '../../gateway/contract/driver.ts'
import { createKitServer } from '../conformance/driver/kit-function.ts'
import type { DriverPlatform } from '../conformance/driver/subject.ts'
import { type CaseName, describeDriver } from '../conformance/driver.ts'
import { invokerHost, lambdaOptions } from './driver-hosts.ts'
import { kitFunction } from './lambda-kit.ts'
import { KEY, LambdaPlatform } from './lambda-platform.ts'

const facts = (name: string) => ({ organization: 'default', functionName: name, name })

function invokerFor(endpoint: string, options: Partial<LambdaOptions>): Invoker {
  const complete = lambdaOptions({ ...options, endpoint })
  const invoker = driver.invoker(complete, invokerHost())
  invoker.update!({ source: credentialSourceOf(complete), credentials: KEY, expiresAt: null })
  return invoker
}

const create = (options: Partial<LambdaOptions>) => async (): Promise<DriverPlatform> => {
  const server = createKitServer()
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const { port } = server.address() as AddressInfo
  const platform = new LambdaPlatform()
  platform.deploy('kit', kitFunction(port))
  platform.deploy('busy', kitFunction(port, { reserved: 1 }))
  const invoker = invokerFor(await platform.listen(), options)
  return {
    invoker,
    deployment: facts('kit'),
    unknown: facts('nope'),
    busy: facts('arn:aws:lambda:eu-central-1:123456789012:function:busy:live'),
    async unreachable() {
      const gone = new LambdaPlatform()
      const endpoint = await gone.listen()
      gone.close()
      return invokerFor(endpoint, options)
    },
    async close() {
      await invoker.close()
      platform.close()
      server.closeAllConnections()
      server.close()
    },
  }
}

const WHOLE = 'Lambda takes an event only as a whole: the function begins when the body is there'

const SKIPS: Partial<Record<CaseName, string>> = {
  'large bodies pass both ways at once': WHOLE,
  'pieces pass both ways before either end is done': WHOLE,
  'a function that does not read stops the sender': WHOLE,
  'an answer before the body is read arrives': WHOLE,
  'a request that is left during its upload is never complete': WHOLE,
  'a request whose body breaks is never complete': WHOLE,
  'closing lets a running attempt finish': WHOLE,
  'an answer that nobody asked for reaches nobody':
    'a function cannot make Lambda write on an idle connection',
}

const AS_A_WHOLE = 'a result is passed on when it is there as a whole; see the tests of cut results'

const BUFFERED: Partial<Record<CaseName, string>> = {
  ...SKIPS,
  'a receiver that pauses stops the function': AS_A_WHOLE,
  'an answer with a length is cut: no end': AS_A_WHOLE,
  'a chunked answer is cut: no end': AS_A_WHOLE,
  'who leaves in the middle of an answer stops the function at once': AS_A_WHOLE,
  'who leaves while a paused answer waits stops the function at once': AS_A_WHOLE,
}

describeDriver('lambda, payload format 2.0,', { create: create({}), skips: BUFFERED })

describeDriver('lambda, payload format 1.0,', {
  create: create({ payload: 'v1' }),
  skips: {
    ...BUFFERED,
    'path and query arrive as they were sent': 'format 1.0 has the query only as names and values',
  },
})

describeDriver('lambda, streaming,', { create: create({ streaming: true }), skips: SKIPS })
