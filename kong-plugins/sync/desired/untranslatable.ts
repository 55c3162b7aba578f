import type { Config } from '../../../gateway/config/schema.ts'
import { translate } from './route-plugins.ts'

/** A plugin that Kong is to run and cannot, as it is set. */
export interface Untranslatable {
  /** The policy of the configuration. */
  readonly part: object
  /** For the operator. */
  readonly sentence: string
}

/** The first plugin of a route that cannot be given to Kong, or null. */
export function findUntranslatable({ routes }: Config): Untranslatable | null {
  for (const route of routes) {
    for (const name of route.kong?.plugins ?? []) {
      try {
        translate(name, route)
      } catch (error) {
        const part = route.plugins.find(({ plugin }) => plugin === name)!
        return { part, sentence: `Kong cannot be given this plugin: ${(error as Error).message}` }
      }
    }
  }
  return null
}
