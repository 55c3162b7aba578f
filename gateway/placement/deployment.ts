import type { DeploymentSlot } from '../capacity/deployment-slot.ts'
import type { DeploymentFacts, Invoker } from '../contract/driver.ts'
import { OUTCOMES, type Outcome } from '../contract/outcome.ts'
import type { Log } from '../contract/plugin.ts'

export interface DeploymentParts {
  readonly facts: DeploymentFacts
  readonly backend: string
  readonly index: number
  readonly invoker: Invoker
  readonly slot: DeploymentSlot
  readonly log: Log
}

/** A Function on a Backend, ready to be called. */
export class Deployment implements DeploymentFacts {
  readonly organization: string
  readonly functionName: string
  readonly name: string
  readonly backend: string
  /** Position among the Deployments of its Function; the index of its numbers in the metrics. */
  readonly index: number
  readonly invoker: Invoker
  readonly slot: DeploymentSlot
  readonly #log: Log

  constructor(parts: DeploymentParts) {
    this.organization = parts.facts.organization
    this.functionName = parts.facts.functionName
    this.name = parts.facts.name
    this.backend = parts.backend
    this.index = parts.index
    this.invoker = parts.invoker
    this.slot = parts.slot
    this.#log = parts.log
  }

  /** Notes how an attempt ended for the health of this Deployment. A client that leaves says nothing about it. */
  observe(outcome: Outcome, now: number): void {
    if (outcome === 'aborted') return
    if (!OUTCOMES[outcome].unhealthy) this.slot.succeeded(now)
    else if (this.slot.failed(now)) {
      this.#log.warn(
        { backend: this.backend, function: this.functionName, outcome },
        'a deployment is ejected',
      )
    }
  }

  /** Tells the operator why an attempt failed; one line per failed attempt. */
  report(outcome: Outcome, detail: string, call: { readonly id: string }): void {
    const { backend, organization, functionName } = this
    this.#log.warn(
      { id: call.id, backend, organization, function: functionName, outcome, detail },
      'an attempt failed',
    )
  }
}
