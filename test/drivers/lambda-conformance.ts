import { credentialSourceOf } from '../../drivers/lambda/facts.ts'
import { driver } from '../../drivers/lambda.ts'
import type { Invoker } from '../../gateway/contract/driver.ts'
import type { CaseName } from '../conformance/driver.ts'
import { invokerHost, lambdaOptions } from './driver-hosts.ts'
import { KEY } from './lambda-platform.ts'

/**
 * An invoker that has its credentials.
 *
 * @param expiresAt When they end, in milliseconds since 1970; null for never.
 */
export function lambdaInvoker(
  options: Parameters<typeof lambdaOptions>[0],
  host = invokerHost(),
  expiresAt: number | null = null,
): Invoker {
  const complete = lambdaOptions(options)
  const invoker = driver.invoker(complete, host)
  invoker.update!({ source: credentialSourceOf(complete), credentials: KEY, expiresAt })
  return invoker
}

const WHOLE = 'Lambda takes an event only as a whole: the function begins when the body is there'

/** What a platform cannot do that takes whole events. */
export const WHOLE_EVENTS: Partial<Record<CaseName, string>> = {
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
