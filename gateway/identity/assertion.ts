import type { Principal } from '../contract/principal.ts'

/** What a proxy in front has said of a request, signed, once that was verified. */
export class Assertion {
  /** Issuer of whom it authenticated, or null for nobody. */
  readonly issuer: string | null
  /** Null for nobody, and for somebody of an organization that it may not speak for. */
  readonly principal: Principal | null
  /** Where it says that the call came in, or null. */
  readonly zone: string | null
  /** Milliseconds since 1970 from which on it is refused. */
  readonly expiresMs: number
  /** The only request that it is good for, or null for any. */
  readonly request: AssertedRequest | null

  constructor(
    issuer: string | null,
    principal: Principal | null,
    zone: string | null,
    expiresMs: number,
    request: AssertedRequest | null,
  ) {
    this.issuer = issuer
    this.principal = principal
    this.zone = zone
    this.expiresMs = expiresMs
    this.request = request
  }
}

/** What an assertion is bound to. */
export class AssertedRequest {
  readonly #method: string
  readonly #host: string
  readonly #path: string

  constructor(method: string, host: string, target: string) {
    this.#method = method
    this.#host = copyOf(host)
    this.#path = copyOf(pathOf(target))
  }

  is(method: string, host: string, target: string): boolean {
    const path = this.#path
    return (
      method === this.#method &&
      host === this.#host &&
      target.startsWith(path) &&
      (target.length === path.length || target.charCodeAt(path.length) === QUESTION_MARK)
    )
  }
}

const QUESTION_MARK = 0x3f

/** A request target without its query. */
export function pathOf(target: string): string {
  const end = target.indexOf('?')
  return end < 0 ? target : target.slice(0, end)
}

/** A string of its own: a slice would keep the whole head of the request in memory. */
export function copyOf(text: string): string {
  return Buffer.from(text, 'latin1').toString('latin1')
}
