import { type HeaderList, shorten } from '../contract/headers.ts'
import { describe } from '../transport/upstream-failure.ts'
import type { ActiveCall } from './active-call.ts'
import { connectionNames } from './header-rules.ts'
import { answerRule } from './known-names.ts'

/** Takes out of a function's answer what belongs to its connection or is the gateway's to say. */
export function cleanAnswer(headers: HeaderList, status: number): void {
  const { flat } = headers
  let listed = ''
  let kept = 0
  for (let i = 0; i < flat.length; i += 2) {
    const name = flat[i]!
    const value = flat[i + 1]!
    const rule = answerRule(name)
    if (rule === 'connection') listed = listed === '' ? value : `${listed},${value}`
    if (rule !== 'pass' && (rule !== 'length' || status === 204)) continue
    flat[kept] = name
    flat[kept + 1] = value
    kept += 2
  }
  shorten(flat, kept)
  const named = connectionNames(listed)
  if (named.size > 0) headers.removeAll(named)
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
