import type { ErrorCode } from '../contract/errors.ts'
import { PlatformRefusal } from '../contract/lifecycle.ts'
import { Rejection } from '../contract/rejection.ts'
import { describe } from '../transport/upstream-failure.ts'
import { TooLate } from './within.ts'

const CODES: Readonly<Record<PlatformRefusal['kind'], ErrorCode>> = {
  'not-found': 'GW_FUNCTION_NOT_FOUND',
  unsupported: 'GW_PLATFORM_UNSUPPORTED',
  invalid: 'GW_ORDER_INVALID',
  denied: 'GW_BACKEND_DENIED',
  failed: 'GW_PLATFORM_FAILED',
}

/**
 * What an operator is told when a platform did not do what was asked, with its own words where it has some.
 *
 * @param last What it said last of how far it was; empty when it said nothing.
 */
export function platformRefusal(error: unknown, last = ''): Rejection {
  // By its name too: a driver from outside may bring a class of its own.
  if (error instanceof PlatformRefusal || isNamed(error)) {
    return new Rejection(CODES[error.kind] ?? 'GW_PLATFORM_FAILED', error.message)
  }
  if (error instanceof TooLate) {
    const seen = last === '' ? '' : `, at last: ${last}`
    return new Rejection('GW_PLATFORM_FAILED', `It is ${error.message}${seen}. The platform may still do it.`)
  }
  return new Rejection('GW_PLATFORM_FAILED', `The platform could not be asked: ${describe(error)}`)
}

function isNamed(error: unknown): error is PlatformRefusal {
  return error instanceof Error && error.name === 'PlatformRefusal' && 'kind' in error
}
