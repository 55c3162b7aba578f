import { pino } from 'pino'
import type { Log } from '../contract/plugin.ts'
import { type Lines, LONGEST_LINE } from './lines.ts'
import { loggable } from './loggable.ts'
import { redact } from './redact.ts'

export interface LogOptions {
  /** Lines below it are left out. */
  readonly level: 'debug' | 'info' | 'warn' | 'error'
  /** Name of the thread for every line; null to leave it out. */
  readonly thread: string | null
}

/**
 * The log of what the gateway itself does: one line of JSON for each event, as pino writes them. Fields are bounded
 * and redacted, whoever logs. A line leaves at once.
 */
export function createLog(lines: Lines, { level, thread }: LogOptions): Log {
  const stream = {
    write(line: string): void {
      lines.write(inBounds(line))
      lines.flush()
    },
  }
  const logger = pino({ level, base: thread === null ? null : { thread }, serializers: PLAIN }, stream)
  const write = (method: 'info' | 'warn' | 'error') => (fields: object, message: string) => {
    if (logger.isLevelEnabled(method)) logger[method](loggable(fields) as object, redact(message))
  }
  return { info: write('info'), warn: write('warn'), error: write('error') }
}

/** Errors are plain objects already when pino gets them. */
const PLAIN = { err: (error: unknown) => error }

/** Of what is too long only the beginnings are kept. */
function inBounds(line: string): string {
  const ascii = toAscii(line)
  if (ascii.length <= LONGEST_LINE) return ascii
  const { level, time, msg, ...fields } = JSON.parse(line)
  const cut = { level, time, msg: String(msg).slice(0, 256), cut: JSON.stringify(fields).slice(0, 256) }
  return `${toAscii(JSON.stringify(cut))}\n`
}

function toAscii(text: string): string {
  return text.replace(/[\u007f-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
}
