import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { credentialSourceOf } from '../../drivers/lambda/facts.ts'
import { driver } from '../../drivers/lambda.ts'
import type { Invoker } from '../../gateway/contract/driver.ts'
import { createKitServer } from '../conformance/driver/kit-function.ts'
import type { DriverPlatform } from '../conformance/driver/subject.ts'
import { type CaseName, describeDriver } from '../conformance/driver.ts'
import { invokerHost, lambdaOptions } from './driver-hosts.ts'
import { KEY } from './lambda-platform.ts'
import { LambdaUrlPlatform } from './lambda-url-platform.ts'

const facts = (name: string) => ({ organization: 'default', functionName: name, name })

function invokerFor(url: string, urlAuth: 'iam' | 'none'): Invoker {
  const options = lambdaOptions({ endpoint: null, url, urlAuth })
  const invoker = driver.invoker(options, invokerHost())
  invoker.update!({ source: credentialSourceOf(options), credentials: KEY, expiresAt: null })
  return invoker
}

const create = (auth: 'iam' | 'none') => async (): Promise<DriverPlatform> => {
  const server = createKitServer()
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const { port } = server.address() as AddressInfo
  const platform = new LambdaUrlPlatform()
  platform.deploy('kit', { port, auth })
  platform.deploy('busy', { port, auth, reserved: 1 })
  const invoker = invokerFor(await platform.listen(), auth)
  return {
    invoker,
    deployment: facts('kit'),
    unknown: facts('nope'),
    busy: facts('busy'),
    async unreachable() {
      const gone = new LambdaUrlPlatform()
      const url = await gone.listen()
      gone.close()
      return invokerFor(url, auth)
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

describeDriver('lambda, signed Function URLs,', {
  create: create('iam'),
  skips: {
    ...SKIPS,
    'path and query arrive as they were sent':
      'a query is sent in the one spelling that signatures are made of; see the tests of Function URLs',
    'request headers arrive unchanged, framing and host once':
      'the signature takes the place of authorization',
  },
})

describeDriver('lambda, open Function URLs,', { create: create('none'), skips: SKIPS })
