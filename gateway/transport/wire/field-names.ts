import { TOKEN } from './octets.ts'

/** Fields that say where an answer ends and what becomes of its connection; the index is that in `FIELD_NAMES`. */
export const CONTENT_LENGTH = 0
export const TRANSFER_ENCODING = 1
export const CONNECTION = 2
export const KEEP_ALIVE = 3

/** Names that answers often have: they are the same strings in every answer, so none is made. */
export const FIELD_NAMES: readonly string[] = [
  'content-length',
  'transfer-encoding',
  'connection',
  'keep-alive',
  'content-type',
  'date',
  'server',
  'etag',
  'cache-control',
  'last-modified',
  'expires',
  'vary',
  'set-cookie',
  'location',
  'accept-ranges',
  'content-encoding',
  'content-language',
  'content-disposition',
  'content-range',
  'age',
  'pragma',
  'via',
  'link',
  'retry-after',
  'server-timing',
  'trailer',
  'www-authenticate',
  'strict-transport-security',
  'content-security-policy',
  'referrer-policy',
  'x-content-type-options',
  'x-frame-options',
  'x-xss-protection',
  'x-powered-by',
  'x-request-id',
  'x-call-id',
  'x-start-time',
  'x-served-by',
  'x-duration-seconds',
  'alt-svc',
  'traceparent',
  'access-control-allow-origin',
  'access-control-allow-credentials',
  'access-control-allow-headers',
  'access-control-allow-methods',
  'access-control-expose-headers',
  'access-control-max-age',
]

const OCTETS = FIELD_NAMES.map((name) => Buffer.from(name, 'latin1'))
/** Indexes by a hash of length, first, last and middle octet. */
const SLOTS: number[][] = Array.from({ length: 256 }, () => [])
for (const [index, octets] of OCTETS.entries()) SLOTS[hash(octets, 0, octets.length)]!.push(index)

/**
 * Index of a name in `FIELD_NAMES`, in any case; -1 when it is not there.
 *
 * @param bytes Hold the name, all octets of a token, from `from` to before `to`.
 */
export function fieldIndex(bytes: Buffer, from: number, to: number): number {
  const candidates = SLOTS[hash(bytes, from, to)]!
  for (let i = 0; i < candidates.length; i++) {
    const octets = OCTETS[candidates[i]!]!
    if (octets.length !== to - from) continue
    let same = 0
    while (same < octets.length && TOKEN[bytes[from + same]!] === octets[same]) same++
    if (same === octets.length) return candidates[i]!
  }
  return -1
}

function hash(bytes: Buffer, from: number, to: number): number {
  const middle = (from + to) >> 1
  return (
    ((to - from) * 7 + TOKEN[bytes[from]!]! * 3 + TOKEN[bytes[middle]!]! * 17 + TOKEN[bytes[to - 1]!]! * 31) &
    255
  )
}
