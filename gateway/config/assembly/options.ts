import type { TObject } from 'typebox'
import Value from 'typebox/value'
import { BROKEN, type Reading } from '../reading/reading.ts'
import { type SchemaView, viewOf } from '../reading/schema-view.ts'
import type { Written } from '../written.ts'

export interface ReadOptions {
  /** Null when there is nothing at all. */
  readonly options: unknown
  /** Every field is right. */
  readonly isSound: boolean
}

/**
 * Reads the options of a driver or plugin by its own schema.
 *
 * @param owner For messages: `the driver "http"`.
 * @param fields Further fields that stand beside the options.
 */
export function readOptions(
  reading: Reading,
  schema: TObject,
  written: Written,
  owner: string,
  fields?: SchemaView,
): ReadOptions {
  const view = viewOf(schema)
  const whole = fields === undefined ? view : beside(fields, view)
  const count = reading.mistakes.count
  try {
    const options = reading.read(whole, written)
    if (options === BROKEN) return { options: null, isSound: false }
    const isSound = reading.mistakes.count === count && !refuseTheRest(reading, whole, options, written)
    return { options, isSound }
  } catch (error) {
    // The schema may come from outside and hold anything.
    reading.refuse(written, { message: `the schema of ${owner} cannot be used: ${(error as Error).message}` })
    return { options: null, isSound: false }
  }
}

function beside(fields: SchemaView, options: SchemaView): SchemaView {
  return {
    ...options,
    default: undefined,
    properties: { ...fields.properties, ...options.properties },
    required: [...(fields.required ?? []), ...(options.required ?? [])],
  }
}

/** What only TypeBox knows: formats, conditions, intersections. It looks at the finished value. */
function refuseTheRest(reading: Reading, schema: SchemaView, options: unknown, written: Written): boolean {
  const errors = Value.Errors(schema, options)
  for (const { instancePath, message } of errors.slice(0, 20)) {
    const keys = instancePath
      .split('/')
      .slice(1)
      .map((key) => key.replaceAll('~1', '/').replaceAll('~0', '~'))
    let at = written
    for (const key of keys) {
      const inside =
        at.kind === 'map'
          ? at.entries.get(key)?.value
          : at.kind === 'list'
            ? at.items[Number(key)]
            : undefined
      if (inside === undefined) break
      at = inside
    }
    reading.refuse({ place: at.place, path: [...written.path, ...keys] }, { message: `this ${message}` })
  }
  return errors.length > 0
}
