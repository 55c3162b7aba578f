import { type HeaderList, shorten } from '../contract/headers.ts'
import { describe } from '../transport/upstream-failure.ts'
import type { ActiveCall } from './active-call.ts'
import { connectionNames, isDroppedFromAnswer } from './header-rules.ts'

/** Takes out of a function's answer what belongs to its connection or is the gateway's to say. */
export function cleanAnswer(headers: HeaderList, status: number): void {
  const { flat } = headers
  const named = namedIn(flat)
  let kept = 0
  for (let i = 0; i < flat.length; i += 2) {
    const name = flat[i]!
    if (isDroppedFromAnswer(name) || (named.size > 0 && named.has(name))) continue
    if (status === 204 && name === 'content-length') continue
    flat[kept] = name
    flat[kept + 1] = flat[i + 1]!
    kept += 2
  }
  shorten(flat, kept)
}

/** The names that `Connection` lists, however often it is there. */
function namedIn(flat: readonly string[]): ReadonlySet<string> {
  let value = ''
  for (let i = 0; i < flat.length; i += 2) {
    if (flat[i] === 'connection') value = value === '' ? flat[i + 1]! : `${value},${flat[i + 1]}`
  }
  return connectionNames(value)
}

/** Lets the plugins of the Route edit a head; one that throws is logged and passed over. */
export function filterHead(call: ActiveCall, status: number, headers: HeaderList): void {
  const filters = call.route.headerFilters
  for (let i = 0; i < filters.length; i++) {
    try {
      filters[i]!.headerFilter!(call, status, headers)
    } catch (error) {
      const { log } = call.services
      log.error({ id: call.id, route: call.route.name, error: describe(error) }, 'a header filter failed')
    }
  }
}
