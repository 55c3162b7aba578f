import { nearest } from '../config/reading/nearest.ts'
import { Rejection } from '../contract/rejection.ts'

/** Functions by their keys, as a Snapshot has them. */
export interface KnownFunctions {
  readonly functions: ReadonlyMap<string, { readonly organization: string; readonly name: string }>
}

/** So many names fit into a sentence. */
const MOST_NAMES = 5

/** The refusal for operators who name a Function that there is not, with the one that may be meant. */
export function unknownFunction(
  { functions }: KnownFunctions,
  organization: string,
  name: string,
): Rejection {
  const all = [...functions.values()]
  const siblings = all.filter((one) => one.organization === organization)
  const sentence = `There is no function ${name} in the organization ${organization}`
  if (siblings.length === 0) {
    const meant = nearest(organization, new Set(all.map((one) => one.organization)))
    const others = meant === null ? '' : `; ${meant} may be meant`
    return new Rejection('GW_NO_ROUTE', `${sentence}, which has none${others}.`)
  }
  const meant = nearest(
    name,
    siblings.map((one) => one.name),
  )
  const elsewhere = all.find((one) => one.name === name)?.organization ?? null
  if (meant !== null) return new Rejection('GW_NO_ROUTE', `${sentence}; ${meant} may be meant.`)
  if (elsewhere !== null) return new Rejection('GW_NO_ROUTE', `${sentence}, but in ${elsewhere}.`)
  const names = siblings.map((one) => one.name)
  const known =
    names.length > MOST_NAMES ? `${names.slice(0, MOST_NAMES).join(', ')} and others` : names.join(', ')
  return new Rejection(
    'GW_NO_ROUTE',
    `${sentence}; there ${siblings.length === 1 ? 'is' : 'are'} ${known}. A new one is added to the configuration first.`,
  )
}
