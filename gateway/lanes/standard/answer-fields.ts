import { validateHeaderName, validateHeaderValue } from 'node:http'

/**
 * Length that the head of an answer declares, -1 for none. Node's own check of it would send each small answer in two
 * pieces, at twice the price.
 */
export function declaredLength(headers: readonly string[]): number {
  for (let i = 0; i < headers.length; i += 2) {
    if (headers[i] === 'content-length') return Number(headers[i + 1])
  }
  return -1
}

/**
 * Node remembers of a head of 204 or 304 that the answer has no body, also when it then refuses to write that head, and
 * an answer in its place could not have one. So these are looked at before.
 *
 * @throws TypeError For a field that HTTP cannot carry.
 */
export function checkBodiless(status: number, headers: readonly string[]): void {
  if (status !== 204 && status !== 304) return
  for (let i = 0; i < headers.length; i += 2) {
    validateHeaderName(headers[i]!)
    validateHeaderValue(headers[i]!, headers[i + 1]!)
  }
}
