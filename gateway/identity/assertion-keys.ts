import { createHmac, createSecretKey, type KeyObject, timingSafeEqual } from 'node:crypto'

/** Of HMAC-SHA256 in base64url. */
const SIGNATURE_CHARACTERS = 43

/** The keys that may sign assertions, by the header that an assertion signed with one begins with. */
export class AssertionKeys {
  readonly #byHeader: ReadonlyMap<string, KeyObject>

  /** @param keys Ids, and secrets whose UTF-8 bytes are the key. */
  constructor(keys: readonly { readonly id: string; readonly secret: string }[]) {
    this.#byHeader = new Map(
      keys.map(({ id, secret }) => [assertionHeader(id), createSecretKey(Buffer.from(secret))]),
    )
  }

  /**
   * Judges a signature in constant time.
   *
   * @param header First segment, which names the key: only these exact bytes are a header.
   * @param signed First and second segment with the dot between them.
   */
  judge(header: string, signed: string, signature: string): 'good' | 'key-unknown' | 'bad' {
    const key = this.#byHeader.get(header)
    if (key === undefined) return 'key-unknown'
    if (signature.length !== SIGNATURE_CHARACTERS) return 'bad'
    const given = Buffer.from(signature, 'base64url')
    const right = createHmac('sha256', key).update(signed, 'latin1').digest()
    // The last character has two bits to spare: only one spelling is the signature.
    return given.length === right.length &&
      timingSafeEqual(given, right) &&
      given.toString('base64url') === signature
      ? 'good'
      : 'bad'
  }
}

/** First segment of the assertions that a key signs. @param id Letters, digits, dots, underscores and dashes. */
function assertionHeader(id: string): string {
  const header = `{"alg":"HS256","kid":"${id}","typ":"dispatch-assertion+jwt"}`
  return Buffer.from(header).toString('base64url')
}
