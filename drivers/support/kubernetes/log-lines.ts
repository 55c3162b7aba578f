import type { LogLine } from '../../../gateway/contract/lifecycle.ts'

/** Bytes of a line that are passed on. */
const MOST_BYTES = 256 * 1024

const NEWLINE = 0x0a
const STAMP =
  /^(?<second>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(?<fraction>\d{1,9}))?(?<zone>Z|[+-]\d\d:\d\d) (?<text>.*)$/s

/** A line with its time in billionths of a second since 1970, by which lines of several pods are put in order. */
export interface StampedLine extends LogLine {
  readonly order: bigint
}

/** The lines in a log with timestamps. A line without one, which the platform writes, has the order of the one before. */
export async function* stampedLines(
  log: AsyncIterable<Buffer>,
  instance: string,
): AsyncGenerator<StampedLine> {
  let order = 0n
  for await (const line of linesIn(log)) {
    const { second, fraction = '', zone, text } = STAMP.exec(line)?.groups ?? {}
    if (text === undefined) {
      yield { timeMs: null, instance, text: line, order }
      continue
    }
    const seconds = Date.parse(`${second}${zone}`)
    const nanos = fraction.padEnd(9, '0')
    order = BigInt(seconds) * 1_000_000n + BigInt(nanos)
    yield { timeMs: seconds + Number(nanos.slice(0, 3)), instance, text, order }
  }
}

/** Lines of several logs, each in order, as one. */
export async function* inOrder(logs: readonly AsyncIterator<StampedLine>[]): AsyncGenerator<StampedLine> {
  const next = async (log: AsyncIterator<StampedLine>) => ({ log, head: await log.next() })
  let heads = await Promise.all(logs.map(next))
  for (;;) {
    heads = heads.filter(({ head }) => head.done !== true)
    const [first, ...others] = heads
    if (first === undefined) return
    const least = others.reduce((a, b) => (b.head.value.order < a.head.value.order ? b : a), first)
    yield least.head.value
    least.head = await least.log.next()
  }
}

async function* linesIn(log: AsyncIterable<Buffer>): AsyncGenerator<string> {
  let parts: Buffer[] = []
  let length = 0
  for await (const chunk of log) {
    let start = 0
    for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, start)) {
      if (length < MOST_BYTES) parts.push(chunk.subarray(start, end))
      yield textOf(parts)
      parts = []
      length = 0
      start = end + 1
    }
    if (start === chunk.length) continue
    if (length < MOST_BYTES) parts.push(chunk.subarray(start))
    length += chunk.length - start
  }
  if (parts.length > 0) yield textOf(parts)
}

function textOf(parts: readonly Buffer[]): string {
  const bytes = parts.length === 1 ? parts[0]! : Buffer.concat(parts)
  return bytes.toString('utf8', 0, MOST_BYTES).replace(/\r$/, '')
}
