import { isRecord, parseExact } from '../contract/exact-json.ts'

/** What a function says by the Function Runtime API. */
export interface DispatchReply {
  /** Null for success. */
  readonly error: DispatchError | null
  readonly stdout: readonly string[]
  readonly stderr: readonly string[]
  /** JSON text. */
  readonly payload: string
}

export interface DispatchError {
  /** What was none of the three in the reply is a FunctionError. */
  readonly type: 'InputError' | 'FunctionError' | 'SystemError'
  readonly message: string
  readonly stacktrace: readonly string[]
}

/** What is kept of the output of one call. */
const MOST_LINES = 100
const LONGEST_LINE = 1000

/** Null for what is no reply. */
export function readReply(body: Buffer): DispatchReply | null {
  const reply = parse(body)
  if (!isRecord(reply) || !isRecord(reply['context'])) return null
  const { error, logs } = reply['context']
  const { stdout, stderr } = isRecord(logs) ? logs : {}
  return {
    error: readError(error ?? null),
    stdout: linesOf(stdout),
    stderr: linesOf(stderr),
    payload: JSON.stringify(reply['payload'] ?? null),
  }
}

function readError(error: unknown): DispatchError | null {
  if (error === null) return null
  const { type, message, stacktrace } = isRecord(error) ? error : { message: error }
  return {
    type: type === 'InputError' || type === 'SystemError' ? type : 'FunctionError',
    message: typeof message === 'string' ? message.slice(0, LONGEST_LINE) : '',
    stacktrace: linesOf(stacktrace),
  }
}

function linesOf(value: unknown): string[] {
  if (!Array.isArray(value)) return []
  return value
    .slice(0, MOST_LINES)
    .filter((line) => typeof line === 'string')
    .map((line: string) => line.slice(0, LONGEST_LINE))
}

function parse(body: Buffer): unknown {
  try {
    return parseExact(body.toString())
  } catch {
    return null
  }
}
