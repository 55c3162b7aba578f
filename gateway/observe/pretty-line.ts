const LEVELS: Readonly<Record<number, string>> = {
  20: 'debug',
  30: 'info ',
  40: 'WARN ',
  50: 'ERROR',
  60: 'FATAL',
}

/** A line of the log for a terminal: time, level, message, then the fields. Control characters stay escaped. */
export function prettyLine(line: string): string {
  const { level, time, msg, type, ...fields } = JSON.parse(line) as Record<string, unknown>
  const clock = new Date(Number(time)).toTimeString().slice(0, 8)
  const head = `${clock} ${LEVELS[Number(level)] ?? 'info '}`
  if (type === 'access') {
    const { status, method, host, path, totalMs, ...rest } = fields
    return `${head} ${status} ${shown(method)} ${shown(host)}${shown(path)} ${totalMs}ms${pairs(rest)}\n`
  }
  return `${head} ${shown(msg)}${pairs(fields)}\n`
}

function pairs(fields: Readonly<Record<string, unknown>>): string {
  return Object.entries(fields)
    .map(([name, value]) => ` ${shown(name)}=${shown(value)}`)
    .join('')
}

/** Printable text as it is; anything that could steer a terminal as JSON with escapes. */
function shown(value: unknown): string {
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? '')
  return UNPRINTABLE.test(text) ? JSON.stringify(text).replace(UNPRINTABLE_ALL, escaped) : text
}

const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u
const UNPRINTABLE_ALL = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu

function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
}
