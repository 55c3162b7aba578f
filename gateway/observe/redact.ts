const HIDDEN = '***'

/** Longest text that is searched; the rest is cut off, so that a log of a huge text stays cheap. */
const LONGEST = 2048

/**
 * A text for the log without what looks like a credential: user information of URLs, credentials of HTTP schemes, and
 * tokens in JWS form. A second net: whoever logs must not hand over secrets in the first place.
 */
export function redact(text: string): string {
  const cut = text.length > LONGEST ? `${text.slice(0, LONGEST)}...` : text
  return cut
    .replace(/\/\/[^\s/@]+@/g, `//${HIDDEN}@`)
    .replace(/\b(bearer|basic|digest|negotiate)\s+[\w\-.~+/=]+/gi, `$1 ${HIDDEN}`)
    .replace(/\beyJ[\w-]+\.[\w-]*(?:\.[\w-]*)*/g, HIDDEN)
}
