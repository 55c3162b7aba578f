import { isUtf8 } from 'node:buffer'

/** Bytes of an event and of a result of a call that somebody waits for. */
export const PAYLOAD_BYTES = 6_291_456

/** Types that go as text; whatever else goes in base64. */
const TEXT = /^(?:text\/[^;]*|application\/(?:json|javascript|xml|[^;]*\+(?:json|xml)))\s*(?:;|$)/i

export interface EventBody {
  readonly body: string
  readonly isBase64Encoded: boolean
}

/** A body as events carry it. What says that it is text and is not valid UTF-8 goes in base64 too: nothing is lost. */
export function eventBody(
  body: Buffer,
  contentType: string | null,
  contentEncoding: string | null,
): EventBody {
  if (contentType !== null && TEXT.test(contentType) && contentEncoding === null && isUtf8(body)) {
    return { body: body.toString(), isBase64Encoded: false }
  }
  return { body: body.toString('base64'), isBase64Encoded: true }
}
