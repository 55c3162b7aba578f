import { nearest } from '../config/reading/nearest.ts'
import type { Config } from '../config/schema.ts'
import { Rejection } from '../contract/rejection.ts'

/** The refusal for operators who name a Backend that there is not, with the one that may be meant. */
export function unknownBackend({ backends }: Config, name: string): Rejection {
  const names = backends.map((each) => each.name)
  const meant = nearest(name, names)
  const hint = meant === null ? `there are ${names.join(', ')}` : `${meant} may be meant`
  return new Rejection('GW_NO_ROUTE', `There is no backend ${name}; ${hint}.`)
}
