import { readParserTests } from '../e2e/corpora/llhttp.ts'
import { withHost } from '../e2e/corpora/vectors.ts'
import { Corpus } from '../gateway/identity/corpus.ts'
import { type ChunkExtras, chunks } from './chunks.ts'
import type { Random } from './random.ts'

const METHODS = ['GET', 'GET', 'POST', 'POST', 'PUT', 'HEAD', 'PATCH', 'DELETE', 'OPTIONS']
const TARGETS = [
  '/',
  '/a',
  '/a/b?c=d&e=f',
  '/a.b/c%20d',
  '/%E2%82%AC?x=%20',
  "/!$&'()*+,;=:@~-_",
  '/very/long/path/that/goes/on/and/on/and/on?with=a&query=that&does=too',
]

const EXTRAS: ChunkExtras = {
  extensions: [';a', ';a=b', ';a="b c"', ';a="\\"";b', ';a=b;c=d', ';a=""', ';a=', ';'],
  trailers: (random) => random.pick(['X-Sum: 1\r\n', 'x-other:\r\nX-Sum: a b \r\n', 'Connection: close\r\n']),
}
const ODD_TARGETS = ['/%E2%82%AC?x=%2F', '/a?b=..', '/a/./b', '*', 'http://own.test/', '/a#b', '/a%zz']
const FIELDS = [
  'User-Agent: curl/8.0',
  'Accept: */*',
  'accept-encoding: gzip, deflate, br',
  'Authorization: Bearer eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhIn0.c2lnbmF0dXJl',
  'X-Empty:',
  'x-spaces:  \t a b \t',
  'X-High: caf\xe9',
  'Cookie: a=b; c=d',
  'Content-Type: application/json',
  'X-Request-Id: 0123456789abcdef',
  'Connection: keep-alive',
  'Connection: Keep-Alive',
  'Keep-Alive: timeout=5',
  'TE: trailers',
  "A!#$%&'*+.^_`|~9: odd name",
  '__proto__: x',
]
const ENDS = ['Connection: close', 'Proxy-Connection: keep-alive', 'Upgrade: h2c', 'Expect: 100-continue']

/** One to four valid requests of HTTP/1.1 on one connection. */
export function randomRequests(random: Random): Buffer {
  let text = ''
  for (let i = random.pick([1, 1, 2, 3, 4]); i > 0; i--) text += randomRequest(random, i === 1)
  return Buffer.from(text, 'latin1')
}

function randomRequest(random: Random, last: boolean): string {
  const lines = [`${random.pick(METHODS)} ${random.pick(random.oneIn(25) ? ODD_TARGETS : TARGETS)} HTTP/1.1`]
  const fields = [random.oneIn(12) ? 'host: [::1]:80' : 'Host: own.test']
  for (let i = random.below(6); i > 0; i--) fields.push(random.pick(FIELDS))
  if (random.oneIn(last ? 6 : 30)) fields.push(random.pick(ENDS))
  const body = 'GET /hidden HTTP/1.1\r\nHost: a\r\n\r\n0\r\n\r\n'.slice(0, random.below(40))
  const framing = random.below(3)
  if (framing === 1) fields.push(`Content-Length: ${body.length}`)
  if (framing === 2) fields.push('Transfer-Encoding: chunked')
  const sent = framing === 0 ? '' : framing === 1 ? body : chunks(body, random, EXTRAS)
  // In any order: the fields that frame a message may stand anywhere.
  for (let i = fields.length - 1; i > 0; i--) {
    const other = random.below(i + 1)
    ;[fields[i], fields[other]] = [fields[other]!, fields[i]!]
  }
  return `${[...lines, ...fields].join('\r\n')}\r\n\r\n${sent}`
}

interface Encoded {
  readonly raw_b64: string
}

/** The requests of all corpora, with a Host where one is missing and as they are; none when they are not at hand. */
export function corpusRequests(): Buffer[] {
  const requests = [...fromLlhttp(), ...fromGunicorn(), ...fromHttpd()]
  return requests.flatMap((bytes) => [bytes, withHost(bytes, 'corpus.test')])
}

function fromLlhttp(): Buffer[] {
  const corpus = new Corpus('llhttp')
  if (corpus.options.skip !== false) return []
  const files = corpus.list('test/request')
  return files.flatMap((file) => readParserTests(corpus, file)).map(({ bytes }) => bytes)
}

function fromGunicorn(): Buffer[] {
  const corpus = new Corpus('gunicorn')
  if (corpus.options.skip !== false) return []
  const { valid, invalid } = corpus.json('cases.json') as Record<'valid' | 'invalid', Encoded[]>
  return [...valid, ...invalid].map(({ raw_b64 }) => Buffer.from(raw_b64, 'base64'))
}

function fromHttpd(): Buffer[] {
  const corpus = new Corpus('apache-httpd')
  if (corpus.options.skip !== false) return []
  const { strict, unsafe } = corpus.json('request_tables.json') as Record<'strict' | 'unsafe', Encoded[]>
  return [...strict, ...unsafe].map(({ raw_b64 }) => Buffer.from(raw_b64, 'base64'))
}
