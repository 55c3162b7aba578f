import type { DeploymentFacts, DeploymentState } from '../../gateway/contract/driver.ts'

/** A Deployment whose function has the name that it has on the platform. */
export function facts(name: string, organization = 'default'): DeploymentFacts {
  return { organization, functionName: name, name }
}

/** The same of an organization that is not the default. */
export function acmeFacts(name: string): DeploymentFacts {
  return facts(name, 'acme')
}

/** What an operator says of one of these: that it is ready, and no more, unless a test says otherwise. */
export function acmeState(name: string, said: Partial<DeploymentState> = {}): DeploymentState {
  return { organization: 'acme', name, ready: true, replicas: null, limit: null, ...said }
}
