import { SERVICE } from './process-config.ts'

/** A line of workerd, which writes JSON; `source` stands in those of the runtime itself. */
export interface RuntimeLine {
  readonly level: string
  readonly message: string
  readonly source?: string
}

/** Reads a line; one that is not of that form is taken as the message. */
export function parseLine(text: string): RuntimeLine {
  try {
    const line: unknown = JSON.parse(text)
    if (typeof line === 'object' && line !== null && 'message' in line && typeof line.message === 'string') {
      return line as RuntimeLine
    }
  } catch {
    // Lines that were cut, and what is written before workerd has read its configuration.
  }
  return { level: 'info', message: text }
}

/** Text of workerd with the names of files and functions as their author knows them. */
export function readable(text: string): string {
  return text.replaceAll('file:///bundle/', '').replaceAll(SERVICE, '').trim()
}

/** What workerd says when it does not start. */
export interface Refusal {
  readonly message: string
  /** What is wrong with each function that is to blame; empty when it is none of them. */
  readonly functions: ReadonlyMap<string, string>
}

/** Reads the standard error of a process that did not start. */
export function readRefusal(standardError: string): Refusal {
  const messages = standardError.split('\n').map((line) => parseLine(line).message)
  const text = messages.join('\n')
  const functions = new Map<string, string>()
  for (const part of text.split(/^(?=service )/m)) {
    const match = REFUSED.exec(part)
    if (match !== null) functions.set(match[1]!, readable(match[2]!))
  }
  return { message: readable(text), functions }
}

const REFUSED = new RegExp(`^service ${SERVICE}([\\w.-]+): (.*)$`, 's')
