import type { TSchema } from 'typebox'
import { Mistakes } from '../../gateway/config/mistakes.ts'
import { BROKEN, Reading } from '../../gateway/config/reading/reading.ts'
import { viewOf } from '../../gateway/config/reading/schema-view.ts'
import { asWritten } from '../../gateway/config/written.ts'

/**
 * Loads options as the gateway does, from what would stand in the configuration.
 *
 * @returns What is wrong with them as one message each, or the options, complete and frozen.
 */
export function loadOptions(
  schema: TSchema,
  written: unknown,
): { mistakes: string[] } | { options: unknown } {
  const mistakes = new Mistakes('dispatch.yaml', '')
  const reading = new Reading(mistakes, { directory: import.meta.dirname, environment: {} })
  const options = reading.read(viewOf(schema), asWritten(written, { place: { start: 0, end: 0 }, path: [] }))
  if (options === BROKEN || mistakes.hasErrors) {
    return { mistakes: mistakes.list().map(({ path, message }) => `${path}: ${message}`) }
  }
  return { options: deepFrozen(options) }
}

function deepFrozen(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value
  for (const part of Object.values(value)) deepFrozen(part)
  return Object.freeze(value)
}
