import type { Random } from './random.ts'

/** Words that parsers of HTTP/1.1 stumble over. */
const WORDS = [
  '\r\n',
  '\n',
  '\r',
  '\r\n\r\n',
  '\n\n',
  '\r\r\n',
  '\0',
  ' ',
  '\t',
  '\v',
  '\f',
  '\x7f',
  '\x80',
  '\xa0',
  '\xff',
  ':',
  ';',
  ',',
  '=',
  '"',
  '\\',
  '0',
  '00',
  '1',
  '-1',
  '+1',
  '0x1',
  'f',
  'ffffffffffffffff',
  '18446744073709551616',
  '9007199254740993',
  'chunked',
  'Chunked',
  'identity',
  'gzip, chunked',
  'close',
  'keep-alive',
  'HTTP/1.1',
  'HTTP/1.0',
  'HTTP/2.0',
]

/** Lines that change how a message is framed, and lines that are none. */
const LINES = [
  'Content-Length: 0',
  'Content-Length: 5',
  'Content-Length: 05',
  'Content-Length: 5, 5',
  'Content-Length:',
  'content-length : 5',
  'Content-Length: 5 5',
  'Content-Length: +5',
  'Transfer-Encoding: chunked',
  'Transfer-Encoding:chunked',
  'Transfer-Encoding: CHUNKED',
  'Transfer-Encoding: chunked, chunked',
  'Transfer-Encoding: gzip',
  'Transfer-Encoding:\tchunked \t',
  'Transfer-Encoding: chunked;a=b',
  ' chunked',
  '\tfolded',
  'Connection: close',
  'Connection: keep-alive, close',
  'Connection: upgrade',
  'Upgrade: h2c',
  'Keep-Alive: timeout=5',
  'Trailer: X-Sum',
  'X-Long: abcdefghijklmnopqrstuvwxyz0123456789abcdefghijklmnopqrstuvwxyz0123456789',
  'X-Empty:',
  'X:\xe9\x80',
  ': no name',
  'no colon',
  '__proto__: x',
  'constructor: y',
  '',
]

type Mutation = (bytes: Buffer, random: Random) => Buffer

/** Changes of octets, wherever they stand. */
const OCTETS: readonly Mutation[] = [
  (bytes, random) => at(bytes, random, (old) => old ^ (1 << random.below(8))),
  (bytes, random) => at(bytes, random, () => random.below(256)),
  (bytes, random) => splice(bytes, random.below(bytes.length + 1), 0, random.pick(WORDS)),
  (bytes, random) => splice(bytes, random.below(bytes.length + 1), 1 + random.below(3), random.pick(WORDS)),
  (bytes, random) => splice(bytes, random.below(bytes.length + 1), 1 + random.below(20), ''),
  (bytes, random) => bytes.subarray(0, random.below(bytes.length + 1)),
  (bytes, random) => {
    const from = random.below(bytes.length + 1)
    const piece = bytes.subarray(from, from + random.below(60)).toString('latin1')
    return splice(bytes, random.below(bytes.length + 1), 0, piece)
  },
]

/** Changes of lines: what a message consists of. */
const OF_LINES: readonly Mutation[] = [
  (bytes, random) => lines(bytes, (all) => all.splice(random.below(all.length + 1), 0, random.pick(LINES))),
  (bytes, random) => lines(bytes, (all) => all.splice(random.below(all.length), 1, random.pick(LINES))),
  (bytes, random) => lines(bytes, (all) => all.splice(random.below(all.length), 1)),
  (bytes, random) => lines(bytes, (all) => all.splice(random.below(all.length), 0, random.pick(all))),
  (bytes, random) =>
    lines(bytes, (all) => {
      const index = random.below(all.length)
      all[index] = all[index]!.replace(/\d+/, (digits) =>
        random.pick([String(Number(digits) + 1), String(Number(digits) - 1), `0${digits}`, `${digits}0`, '']),
      )
    }),
  (bytes, random) =>
    lines(bytes, (all) => {
      const index = random.below(all.length)
      all[index] = random.oneIn(2) ? all[index]!.toUpperCase() : all[index]!.toLowerCase()
    }),
  (bytes, random) =>
    lines(bytes, (all) => {
      const index = random.below(all.length)
      all[index] = random.pick([`${all[index]} `, `${all[index]}\t`, ` ${all[index]}`, `${all[index]};a=b`])
    }),
]

/** A message with so many changes, half of them to its lines and half to its octets. */
export function mutate(message: Buffer, changes: number, random: Random): Buffer {
  let bytes: Buffer = Buffer.from(message)
  for (let i = 0; i < changes; i++) {
    const mutation = random.pick(random.oneIn(2) ? OCTETS : OF_LINES)
    if (bytes.length > 0) bytes = mutation(bytes, random)
  }
  return bytes
}

/** The pieces in which a message arrives: mostly few, now and then octet by octet. */
export function split(bytes: Buffer, random: Random): Buffer[] {
  const most = random.pick([bytes.length, bytes.length, Math.ceil(bytes.length / 2), 40, 7, 1])
  const pieces: Buffer[] = []
  for (let from = 0; from < bytes.length; ) {
    const to = from + 1 + random.below(Math.max(1, most))
    pieces.push(bytes.subarray(from, to))
    from = to
  }
  return pieces
}

function at(bytes: Buffer, random: Random, change: (old: number) => number): Buffer {
  const copy = Buffer.from(bytes)
  const index = random.below(copy.length)
  copy[index] = change(copy[index]!)
  return copy
}

function splice(bytes: Buffer, from: number, count: number, text: string): Buffer {
  return Buffer.concat([bytes.subarray(0, from), Buffer.from(text, 'latin1'), bytes.subarray(from + count)])
}

function lines(bytes: Buffer, change: (all: string[]) => void): Buffer {
  const all = bytes.toString('latin1').split('\r\n')
  change(all)
  return Buffer.from(all.join('\r\n'), 'latin1')
}
