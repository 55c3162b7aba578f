import { FORMS } from '../forms/forms.ts'
import type { Written } from '../written.ts'
import { nearest } from './nearest.ts'
import { oneOf } from './phrases.ts'
import type { Also, Reading } from './reading.ts'
import type { SchemaView } from './schema-view.ts'

/** A value with a written form of one text: `10s`, `127.0.0.1:8080`. */
export function readForm(reading: Reading, schema: SchemaView, written: Written, also: Also): unknown {
  // A number without a unit is looked at as the text that it was: the form says what is missing.
  const isText =
    written.kind === 'scalar' && (typeof written.value === 'string' || typeof written.value === 'number')
  if (!isText) return reading.mismatch(schema, written, also)
  const text = typeof written.value === 'string' ? written.value : written.source
  const parsed = FORMS[schema.written as keyof typeof FORMS].parse(text, schema)
  if ('value' in parsed) return parsed.value
  const { hide, expected, suggestion, message } = parsed
  if (hide) reading.hide(written)
  return reading.refuse(written, {
    message,
    expected: oneOf([...also, expected ?? ''].filter((phrase) => phrase !== '')),
    suggestion: nearest(text, also) ?? suggestion ?? null,
  })
}
