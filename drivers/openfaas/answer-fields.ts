import type { HeaderList } from '../../gateway/contract/headers.ts'
import { removeFields } from '../support/remove-fields.ts'

/** Fields that gateway and watchdog add to every answer: facts of the platform, not of the function. */
const PLATFORM_FIELDS = new Set(['x-call-id', 'x-start-time', 'x-duration-seconds', 'x-openfaas-internal'])

/** Leaves what the function said. */
export function removePlatformFields(headers: HeaderList): void {
  removeFields(headers, isOfPlatform)
}

function isOfPlatform(name: string, value: string): boolean {
  return PLATFORM_FIELDS.has(name) || (name === 'x-served-by' && value.startsWith('openfaas'))
}

/**
 * The platform gives an answer that has no type one: the request's, else `text/plain`. On an answer without a body
 * that is certainly not the function's word.
 */
export function removeEchoedType(headers: HeaderList, requestType: string | null): void {
  const type = headers.get('content-type')
  if (type === 'text/plain' || (type !== null && type === requestType)) headers.remove('content-type')
}
