import type { HeaderList } from '../../contract/headers.ts'

const PREFIX = 'access-control-'
const VARIES_BY_ORIGIN = /(?:^|,)[ \t]*(?:\*|origin)[ \t]*(?:,|$)/i

/** Takes out what a function said about CORS. */
export function removeCorsFields(headers: HeaderList): void {
  const flat = headers.flat
  let kept = 0
  for (let i = 0; i < flat.length; i += 2) {
    if (flat[i]!.startsWith(PREFIX)) continue
    flat[kept] = flat[i]!
    flat[kept + 1] = flat[i + 1]!
    kept += 2
  }
  flat.length = kept
}

/** Tells caches that the answer depends on the origin, unless the function said so already. */
export function varyByOrigin(headers: HeaderList): void {
  const flat = headers.flat
  for (let i = 0; i < flat.length; i += 2) {
    if (flat[i] === 'vary' && VARIES_BY_ORIGIN.test(flat[i + 1]!)) return
  }
  headers.add('vary', 'Origin')
}
