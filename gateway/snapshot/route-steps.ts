import { createAuthorizer } from '../authorization/authorizer.ts'
import type { AuthConfig, IdentityConfig, RouteConfig } from '../config/schema.ts'
import type { Plugin } from '../contract/plugin.ts'
import type { Authenticator } from '../identity/authenticator.ts'
import type { AccessStep } from './access-step.ts'
import { IdentityStep } from './identity-step.ts'

/** Prechecks, who is calling and whether that may be, then the plugins. */
export function stepsOf(
  auth: AuthConfig | null,
  plugins: readonly Plugin[],
  { realm, apiKeys }: IdentityConfig,
  authenticator: Authenticator,
): AccessStep[] {
  const steps = prechecksOf(plugins)
  if (auth !== null) {
    const authorizer = createAuthorizer(auth, realm)
    steps.push(new IdentityStep(authenticator, authorizer, auth, apiKeys.header.toLowerCase()))
  }
  for (const plugin of plugins) {
    if (plugin.access !== undefined) steps.push({ access: (call) => plugin.access!(call) })
  }
  return steps
}

/** What runs before anybody asks who is calling. */
export function prechecksOf(plugins: readonly Plugin[]): AccessStep[] {
  const steps: AccessStep[] = []
  for (const plugin of plugins) {
    if (plugin.precheck !== undefined) steps.push({ access: (call) => plugin.precheck!(call) })
  }
  return steps
}

/** True for a Route that does not take OPTIONS although one of its plugins answers that method. */
export function needsPreflight({ methods }: RouteConfig, plugins: readonly Plugin[]): boolean {
  return !methods.includes('OPTIONS') && plugins.some(({ answersOptions }) => answersOptions === true)
}
