import type { Config } from '../../../gateway/config/schema.ts'
import { desiredState } from '../../../kong-plugins/sync/desired/desired-state.ts'
import type { DesiredEntity, DesiredState, Kind } from '../../../kong-plugins/sync/entities.ts'
import { configuration, type Wanted } from '../configuration.ts'

/** A configuration with these routes and fields of `kong`. */
export async function configOf(
  routes: readonly Wanted[],
  kong: Readonly<Record<string, unknown>> = {},
): Promise<Config> {
  return (await configuration({ routes, kong })).config
}

/** What it wants to be in Kong. */
export async function desiredOf(...written: Parameters<typeof configOf>): Promise<DesiredState> {
  return desiredState(await configOf(...written))
}

/** The entities of a kind. */
export function ofKind({ entities }: DesiredState, kind: Kind): DesiredEntity[] {
  return entities.filter((entity) => entity.kind === kind)
}
