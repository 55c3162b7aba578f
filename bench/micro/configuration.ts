import { registry } from '../../gateway/built-in.ts'
import { parseConfig } from '../../gateway/config/load-config.ts'
import type { Config } from '../../gateway/config/schema.ts'

/**
 * A configuration with all its defaults.
 *
 * @param written As in `dispatch.yaml`.
 * @param environment Where `{ env: NAME }` is looked up.
 */
export async function configuration(
  written: object,
  environment: Readonly<Record<string, string>> = {},
): Promise<Config> {
  return (await parseConfig(JSON.stringify(written), '/dispatch.yaml', registry, { environment })).config
}
