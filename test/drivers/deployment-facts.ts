import type { DeploymentFacts } from '../../gateway/contract/driver.ts'

/** A Deployment whose function has the name that it has on the platform. */
export function facts(name: string, organization = 'default'): DeploymentFacts {
  return { organization, functionName: name, name }
}

/** The same of an organization that is not the default. */
export function acmeFacts(name: string): DeploymentFacts {
  return facts(name, 'acme')
}
