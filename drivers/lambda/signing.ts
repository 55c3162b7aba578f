import { credentialSourceOf, type LambdaFacts } from './facts.ts'
import type { LambdaOptions } from './options.ts'
import type { Failure } from './outcomes.ts'
import { type AwsCredentials, RequestSigner, type SignableRequest } from './signer.ts'

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

  get skewMs(): number {
    return this.#signer.skewMs
  }

  /** As `RequestSigner.adjust`. */
  adjustClock(date: string | null, signedSkewMs: number): boolean {
    return this.#signer.adjust(date, signedSkewMs)
  }
}
