import type { Corpus } from '../../gateway/identity/corpus.ts'

/** A test of the parser: bytes, and what it said about them. */
export interface ParserTest {
  /** File and headings. */
  readonly id: string
  /** The last heading. */
  readonly title: string
  /** `request`, `response`, `request-lenient-headers` … */
  readonly type: string
  /** The parser was told not to wait for bodies. */
  readonly skipBody: boolean
  readonly bytes: Buffer
  readonly messages: readonly ParsedMessage[]
  /** Number of the error that stopped the parser, or null. */
  readonly error: number | null
}

/** A message as the parser's log tells it. */
export interface ParsedMessage {
  /** Where it begins. */
  readonly start: number
  complete: boolean
  method: string
  target: string
  status: number | null
  body: string
}

/** Reads one of llhttp's Markdown files: headings, a comment with the type, a block of input and one of events. */
export function readParserTests(corpus: Corpus, file: string): ParserTest[] {
  const tests: ParserTest[] = []
  const headings: string[] = []
  let type = ''
  let skipBody = false
  let input: string[] = []
  let block: { readonly tag: string; readonly lines: string[] } | null = null
  const lines = corpus.bytes(file).toString('utf8').split('\n')
  for (const line of lines) {
    const fence = /^```(\w*)$/.exec(line)
    if (block === null) {
      const heading = /^(#+) (.*)$/.exec(line)
      if (heading !== null) {
        headings.length = heading[1]!.length - 1
        headings.push(heading[2]!)
      }
      if (line.startsWith('<!-- meta')) skipBody = line.includes('"skipBody": true')
      type = /<!-- meta=\{.*"type": ?"([\w-]+)"/.exec(line)?.[1] ?? type
      if (fence !== null) block = { tag: fence[1]!, lines: [] }
    } else if (fence === null) {
      block.lines.push(line)
    } else {
      if (block.tag === 'http') input = block.lines
      if (block.tag === 'log') {
        const bytes = decode(input.join('\n'))
        const id = [file, ...headings.filter((text) => text !== undefined)].join(' › ')
        tests.push({
          id,
          title: headings.at(-1) ?? '',
          type,
          skipBody,
          bytes,
          ...readLog(block.lines, bytes),
        })
      }
      block = null
    }
  }
  return tests
}

/** Line ends are CRLF unless a backslash takes them away; the rest are the escapes of C. */
function decode(input: string): Buffer {
  const text = input
    .replace(/\\\n/g, '')
    .replace(/\n/g, '\r\n')
    .replace(/\\(?:([rntf])|x([0-9a-fA-F]+)|([0-7]{1,3}))/g, (_all, letter, hex, octal) => {
      if (letter !== undefined) return { r: '\r', n: '\n', t: '\t', f: '\f' }[letter as string]!
      return String.fromCodePoint(hex !== undefined ? Number.parseInt(hex, 16) : Number.parseInt(octal, 8))
    })
  return Buffer.from(text, 'utf8')
}

function readLog(lines: readonly string[], bytes: Buffer): Pick<ParserTest, 'messages' | 'error'> {
  const messages: ParsedMessage[] = []
  let error: number | null = null
  for (const line of lines) {
    const [, off, rest] = /^off=(\d+) (.*)$/.exec(line) ?? []
    if (off === undefined || rest === undefined) continue
    if (rest === 'message begin') {
      messages.push({ start: Number(off), complete: false, method: '', target: '', status: null, body: '' })
    }
    const message = messages.at(-1)
    const span = /^len=(\d+) span\[(\w+)\]/.exec(rest)
    if (span !== null && message !== undefined) {
      const text = bytes.toString('latin1', Number(off), Number(off) + Number(span[1]))
      if (span[2] === 'method') message.method += text
      if (span[2] === 'url') message.target += text
      if (span[2] === 'body') message.body += text
    }
    if (message !== undefined) {
      if (rest === 'message complete') message.complete = true
      const status = /^headers complete status=(\d+)/.exec(rest)
      if (status !== null) message.status = Number(status[1])
    }
    error ??= Number(/^error code=(\d+)/.exec(rest)?.[1] ?? Number.NaN) || null
  }
  return { messages, error }
}
