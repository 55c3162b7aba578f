/** Fields that decide about the message or the connection, and so are looked at while a head is read. */
export const PLAIN = 0
export const HOST = 1
export const LENGTH = 2
export const CODING = 3
export const CONNECTION = 4
export const UPGRADE = 5
export const EXPECT = 6

const KINDS = new Map<string, number>([
  ['host', HOST],
  ['content-length', LENGTH],
  ['transfer-encoding', CODING],
  ['connection', CONNECTION],
  // Node's parser takes it for Connection.
  ['proxy-connection', CONNECTION],
  ['upgrade', UPGRADE],
  ['expect', EXPECT],
])

/** Names that were seen, each at the slot that its hash gives. A name that comes takes the place of another. */
const SLOTS = 1024
const LONGEST_KEPT = 64
/** Where a name is put that is too long to be kept. */
const PASSING = SLOTS

export const NAMES: string[] = new Array(SLOTS + 1).fill('')
export const NAME_KINDS = new Uint8Array(SLOTS + 1)

/**
 * Slot of a field name in `NAMES` and `NAME_KINDS`, until the next call. Clients send the same few names, in the same
 * spelling: finding the string again costs half of making it, and what it was hashed for stays known.
 *
 * @param hash As `hashed` of all its bytes.
 */
export function slotOfName(bytes: Buffer, from: number, to: number, hash: number): number {
  const slot = (hash ^ (hash >>> 12)) & (SLOTS - 1)
  const known = NAMES[slot]!
  return known.length === to - from && isAt(bytes, from, known) ? slot : remember(bytes, from, to, slot)
}

function isAt(bytes: Buffer, from: number, text: string): boolean {
  for (let i = 0; i < text.length; i++) if (bytes[from + i] !== text.charCodeAt(i)) return false
  return true
}

function remember(bytes: Buffer, from: number, to: number, slot: number): number {
  const place = to - from > LONGEST_KEPT ? PASSING : slot
  const name = bytes.toString('latin1', from, to)
  NAMES[place] = name
  NAME_KINDS[place] = KINDS.get(name.toLowerCase()) ?? PLAIN
  return place
}
