import type { Command } from 'commander'
import { addConfigOption, type ConfigFileOption } from './config-file.ts'

/** Which function, and where. */
export interface DeploymentOptions extends ConfigFileOption {
  readonly organization: string
  readonly backend?: string
}

export function addDeploymentOptions(command: Command): Command {
  return addConfigOption(command)
    .option('-b, --backend <name>', 'on which backend; may be left out where the function has but one')
    .option('-o, --organization <name>', 'organization of the function', 'default')
}

/** Path of a function on a backend in the management API. */
export function deploymentPath(
  name: string,
  { organization, backend }: DeploymentOptions,
  below = '',
  query: Readonly<Record<string, string>> = {},
): string {
  const all = new URLSearchParams({ ...(backend === undefined ? {} : { backend }), ...query })
  const owner = encodeURIComponent(organization)
  const path = `/v1/organizations/${owner}/functions/${encodeURIComponent(name)}/deployment${below}`
  return all.size === 0 ? path : `${path}?${all}`
}
