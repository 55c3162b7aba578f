import { type HeaderList, shorten } from '../../gateway/contract/headers.ts'

/** Fields that gateway and watchdog add to every answer: facts of the platform, not of the function. */
const PLATFORM_FIELDS = new Set(['x-call-id', 'x-start-time', 'x-duration-seconds', 'x-openfaas-internal'])

/** Leaves what the function said. */
export function removePlatformFields(headers: HeaderList): void {
  const { flat } = headers
  let kept = 0
  for (let i = 0; i < flat.length; i += 2) {
    const name = flat[i]!
    const value = flat[i + 1]!
    if (PLATFORM_FIELDS.has(name)) continue
    if (name === 'x-served-by' && value.startsWith('openfaas')) continue
    flat[kept] = name
    flat[kept + 1] = value
    kept += 2
  }
  shorten(flat, kept)
}

/**
 * The platform gives an answer that has no type one: the request's, else `text/plain`. On an answer without a body
 * that is certainly not the function's word.
 */
export function removeEchoedType(headers: HeaderList, requestType: string | null): void {
  const type = headers.get('content-type')
  if (type === 'text/plain' || (type !== null && type === requestType)) headers.remove('content-type')
}
