import { isZone, ZONE_EXPECTED } from '../../constraints/zone.ts'
import { quote } from '../mistakes.ts'
import type { Parsed } from './form.ts'

export { ZONE_EXPECTED }

/** A region, or `region/zone`. */
export function parseZoneName(text: string): Parsed<string> {
  if (isZone(text)) return { value: text }
  return { message: `${quote(text)} is not a zone`, expected: ZONE_EXPECTED, suggestion: meant(text) }
}

/** In lower case, with hyphens, with `/` for other separators of two parts. */
function meant(text: string): string | null {
  const zone = text
    .trim()
    .toLowerCase()
    .replace(/\s*[/:]+\s*/g, '/')
    .replace(/^\/|\/$/g, '')
    .replace(/[_\s.]+/g, '-')
  return isZone(zone) ? zone : null
}
