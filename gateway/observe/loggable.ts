import { redact } from './redact.ts'

const DEEPEST = 3
const MOST_ENTRIES = 16
const LONGEST_NESTED = 256
const SECRET_NAME = /authorization|cookie|password|secret|token|api-?key/i

/** A copy of anything that can be logged: plain, bounded, without what looks like a secret. Never throws. */
export function loggable(value: unknown, depth = 0): unknown {
  if (typeof value === 'string') return redact(depth > 2 ? value.slice(0, LONGEST_NESTED) : value)
  if (typeof value === 'bigint') return String(value)
  if (typeof value === 'function' || typeof value === 'symbol') return `[${typeof value}]`
  if (typeof value !== 'object' || value === null) return value
  if (depth === DEEPEST) return '[object]'
  try {
    if (value instanceof Error) return loggableError(value, depth)
    if (ArrayBuffer.isView(value)) return `[${value.byteLength} bytes]`
    if (Array.isArray(value)) return value.slice(0, MOST_ENTRIES).map((item) => loggable(item, depth + 1))
    if (value instanceof Date) return value.toISOString()
    const entries = Object.entries(value).slice(0, MOST_ENTRIES)
    return Object.fromEntries(entries.map(([name, member]) => [name, loggableMember(name, member, depth)]))
  } catch {
    return '[unreadable]'
  }
}

function loggableMember(name: string, member: unknown, depth: number): unknown {
  return typeof member === 'string' && SECRET_NAME.test(name) ? '***' : loggable(member, depth + 1)
}

function loggableError(error: Error & { readonly code?: unknown }, depth: number): unknown {
  return {
    name: loggable(error.name, depth + 1),
    code: loggable(error.code, depth + 1),
    message: loggable(error.message, depth + 1),
    stack: loggable(error.stack, depth + 1),
    cause: loggable(error.cause, depth + 1),
  }
}
