import { quote } from '../mistakes.ts'
import type { Written } from '../written.ts'
import { type Also, BROKEN, type Reading } from './reading.ts'
import { choicesOf, type SchemaView } from './schema-view.ts'

/** A list; items that are wrong are left out. */
export function readList(reading: Reading, schema: SchemaView, written: Written, also: Also): unknown {
  if (written.kind === 'scalar' && written.value === null && schema.default !== undefined) {
    return reading.readDefault(schema, written)
  }
  if (written.kind !== 'list') return reading.mismatch(schema, written, also, meantList(schema, written))
  const { minItems = 0, maxItems = Number.POSITIVE_INFINITY } = schema
  const { items } = written
  if (items.length < minItems || items.length > maxItems) {
    const message = items.length === 0 ? 'the list is empty' : `the list has ${items.length} items`
    const bound = items.length < minItems ? `at least ${minItems}` : `at most ${maxItems}`
    return reading.refuse(written, {
      message,
      expected: `${bound} items`.replace(/^(at \w+ 1) items/, '$1 item'),
    })
  }
  const values = items.map((item, i) => reading.read(itemSchema(schema, i), item))
  if (schema.uniqueItems) refuseRepetitions(reading, items, values)
  const kept = values.filter((value) => value !== BROKEN)
  reading.note(kept, { ...written, items: items.filter((_, i) => values[i] !== BROKEN) })
  return kept
}

function itemSchema({ items = {} }: SchemaView, i: number): SchemaView {
  return Array.isArray(items) ? (items[i] ?? {}) : (items as SchemaView)
}

function refuseRepetitions(reading: Reading, items: readonly Written[], values: readonly unknown[]): void {
  const seen = new Set<string>()
  for (const [i, value] of values.entries()) {
    const key = JSON.stringify(value)
    if (value === BROKEN || key === undefined) continue
    if (seen.has(key)) {
      const what = typeof value === 'string' ? quote(value) : 'the same'
      reading.refuse(items[i]!, { message: `${what} stands in the list twice`, expected: 'each item once' })
    }
    seen.add(key)
  }
}

/** Items without brackets, or with dashes that lack their spaces. */
function meantList(schema: SchemaView, written: Written): string | null {
  const item = itemSchema(schema, 0)
  const isPlain =
    choicesOf(item) !== null ||
    (item.type === 'string' && item.written !== 'hash' && item.written !== 'secret')
  if (!isPlain || written.kind !== 'scalar' || written.value === null) return null
  const texts = written.source.split(/[\s,]+(?=\S)/).map((text) => text.replace(/^-(?=\S)/, ''))
  const isShort = texts.join().length < 60 && texts.every((text) => /^[\w./:@*+-]+$/.test(text))
  return isShort
    ? `[${texts.map((text) => (/^[\w./-][\w./:@+-]*$/.test(text) ? text : quote(text))).join(', ')}]`
    : null
}
