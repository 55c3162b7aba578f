import { credentialSourceOf, type LambdaFacts } from './facts.ts'
import type { LambdaOptions } from './options.ts'
import type { Failure } from './outcomes.ts'
import { type AwsCredentials, RequestSigner, type SignableRequest } from './signer.ts'

/** Clocks that differ by more are what a refused signature is taken for; AWS allows 5 minutes. */
const SKEW_MS = 240_000

const NO_CREDENTIALS: Failure = { outcome: 'denied', detail: 'there are no credentials of AWS' }
const EXPIRED: Failure = { outcome: 'denied', detail: 'the credentials of AWS have expired' }

/** Signs with the credentials that the operator announced last. */
export class Signing {
  readonly #signer: RequestSigner
  readonly #source: string
  #credentials: AwsCredentials | null
  #expiresAt: number

  constructor(options: LambdaOptions) {
    this.#signer = new RequestSigner(options.region)
    this.#source = credentialSourceOf(options)
    this.#credentials = null
    this.#expiresAt = Number.POSITIVE_INFINITY
  }

  /** @param facts Made by our own operator. */
  update(facts: unknown): void {
    const { source, credentials, expiresAt } = facts as LambdaFacts
    if (source !== this.#source) return
    this.#credentials = credentials
    this.#expiresAt = expiresAt ?? Number.POSITIVE_INFINITY
  }

  /** Adds the signature to the headers; why it cannot, or null. */
  trySign(request: SignableRequest, now: number): Failure | null {
    if (this.#credentials === null) return NO_CREDENTIALS
    if (now >= this.#expiresAt) return EXPIRED
    this.#signer.sign(request, this.#credentials, now)
    return null
  }

  /** The clock of AWS, as an answer that refused a signature tells it: true when the difference explains that. */
  adjustClock(date: string | null): boolean {
    const theirs = Date.parse(date ?? '')
    const skewMs = theirs - Date.now()
    if (Number.isNaN(theirs) || Math.abs(skewMs - this.#signer.skewMs) < SKEW_MS) return false
    this.#signer.skewMs = skewMs
    return true
  }
}
