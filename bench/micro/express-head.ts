import { Endings, headText } from '../../gateway/lanes/express/answer-text.ts'
import { readHead } from '../../gateway/lanes/express/request-head.ts'

/** What does it cost to read the head of a request on the express lane, and to write that of an answer? */
const QUESTION = 'Nanoseconds per head on the express lane, one thread'

const ROUNDS = 7
const OPERATIONS = 200_000

const TOKEN = `Authorization: Bearer ${'x'.repeat(600)}`
const FEW = ['Host: own.test', 'Connection: keep-alive']
const BROWSER = [
  ...FEW,
  'User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:109.0) Gecko/20100101 Firefox/115.0',
  'Accept: text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8',
  'Accept-Encoding: gzip, deflate, br',
  'Accept-Language: en-US,en;q=0.5',
  'X-Request-Id: 0123456789abcdef0123456789abcdef',
  'traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
]
const ANSWER = ['content-type', 'application/json', 'content-length', '91', 'x-request-id', '0'.repeat(32)]
const endings = new Endings(72_000)

const request = (lines: readonly string[]) =>
  Buffer.from(`GET /route-500/orders?limit=10 HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`)

interface Part {
  readonly name: string
  readonly run: () => unknown
}

const reading = (name: string, lines: readonly string[]): Part => {
  const bytes = request(lines)
  return { name: `read ${name}, ${bytes.length} bytes`, run: () => readHead(bytes, 0) }
}

const PARTS: readonly Part[] = [
  reading('two fields', FEW),
  reading('three fields and a token', [...FEW, TOKEN]),
  reading('eight fields', BROWSER),
  reading('nine fields and a token', [...BROWSER, TOKEN]),
  { name: 'write three fields', run: () => headText(200, ANSWER, false, false, endings) },
]

process.stdout.write(`${QUESTION}\n`)
for (const { name, run } of PARTS) {
  const times: number[] = []
  for (let round = 0; round < ROUNDS; round++) {
    const start = process.hrtime.bigint()
    for (let i = 0; i < OPERATIONS; i++) run()
    times.push(Number(process.hrtime.bigint() - start) / OPERATIONS)
  }
  times.sort((a, b) => a - b)
  process.stdout.write(
    `${name.padEnd(40)} ${times[3]!.toFixed(0).padStart(6)} ns  [${times[0]!.toFixed(0)}]\n`,
  )
}
