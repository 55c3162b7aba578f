import { readParserTests } from '../e2e/corpora/llhttp.ts'
import { Corpus } from '../gateway/identity/corpus.ts'
import { type ChunkExtras, chunks } from './chunks.ts'
import type { Random } from './random.ts'

const STATUSES = [200, 200, 200, 201, 204, 206, 301, 304, 404, 500, 503, 999]
const FIELDS = [
  'Content-Type: text/plain',
  'Date: Sun, 22 Nov 2026 10:00:00 GMT',
  'Server: x',
  'ETag: "a"',
  'Set-Cookie: a=1',
  'set-cookie: b=2; Path=/',
  'X-Empty:',
  'x-spaces:  \t a b \t',
  'X-High: caf\xe9',
  'Cache-Control: no-store',
  'Keep-Alive: timeout=5, max=10',
  'Connection: keep-alive',
  'Connection: close',
  'Vary: *',
  "A!#$%&'*+.^_`|~9: odd name",
]

const EXTRAS: ChunkExtras = {
  extensions: [';a', ';a=b', ';a="b c"', ';a="\\"";b', ';a=b;c=d', ';a=""'],
  trailers: (random) => 'X-Sum: 1\r\nx-other:\r\n'.slice(random.oneIn(2) ? 10 : 0),
}
const INTERIM = ['HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n', 'HTTP/1.1 102 Processing\r\n\r\n']

/** A valid answer of HTTP/1.1, framed in one of the ways that there are. */
export function randomAnswer(random: Random): Buffer {
  const status = random.pick(STATUSES)
  const lines = [
    `HTTP/1.${random.oneIn(10) ? 0 : 1} ${status}${random.pick([' OK', ' OK', ' ', ' A\tb\xe9', ''])}`,
  ]
  for (let i = random.below(6); i > 0; i--) lines.push(random.pick(FIELDS))
  const body = 'abcdefghijklmnopqrstuvwxyz\r\n0\r\n\r\n'.slice(0, random.below(35))
  const before = random.oneIn(8) ? random.pick(INTERIM).repeat(1 + random.below(3)) : ''
  const framing = random.below(4)
  if (framing === 0) return bytes(before, lines, body)
  if (framing === 1) return bytes(before, [...lines, `Content-Length: ${body.length}`], body)
  if (framing === 2) {
    lines.splice(1, 0, `Content-Length: ${body.length}`)
    return bytes(before, lines, body + excess(random))
  }
  return bytes(
    before,
    [...lines, 'Transfer-Encoding: chunked'],
    chunks(body, random, EXTRAS) + excess(random),
  )
}

/** Answers of the tests of Node's own parser; none when they are not at hand. */
export function corpusAnswers(): Buffer[] {
  const corpus = new Corpus('llhttp')
  if (corpus.options.skip !== false) return []
  return corpus
    .list('test/response')
    .flatMap((file) => readParserTests(corpus, file))
    .map((test) => test.bytes)
}

function excess(random: Random): string {
  return random.oneIn(8) ? random.pick(['\r\n', 'x', 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n']) : ''
}

function bytes(before: string, lines: readonly string[], body: string): Buffer {
  return Buffer.from(`${before}${lines.join('\r\n')}\r\n\r\n${body}`, 'latin1')
}
