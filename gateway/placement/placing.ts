import type { BurstCharge } from '../capacity/burst-charge.ts'
import type { Admission } from '../capacity/deployment-health.ts'
import type { Deployment } from './deployment.ts'
import type { Hint } from './hint.ts'

/** What placement needs to know of a call, and where it notes what it found. The call itself is one. */
export interface Placing {
  /** What the caller asks for, or null. */
  readonly hint: Hint | null
  /** Where the call came in, `region/zone`; null for where the gateway is. */
  readonly entryZone: string | null
  /** Deployments that were tried: one bit each, by index; those beyond the 31st share the last bit. */
  tried: number
  /** The one that was tried last, or null. */
  lastTried: Deployment | null
  /** The call may be sent again when it fails: such calls find out whether a Deployment is well again. */
  readonly repeatable: boolean
  /** Is set: what the chosen Deployment let the call in as. */
  admission: Admission
  /** Is set: what was reserved of the budget for the chosen Deployment; null when it is not a burst one. */
  charge: BurstCharge | null
  /** Is set: the chosen Deployment does not offer all that the Function prefers. */
  degraded: boolean
  /** Is set when nothing was chosen: true when there are Deployments for this call and all are busy. */
  busy: boolean
}

/** A call that was sent nowhere yet, for those who ask where one would go. */
export function untried(asked: Partial<Placing> = {}): Placing {
  return {
    hint: null,
    entryZone: null,
    tried: 0,
    lastTried: null,
    repeatable: false,
    admission: 0,
    charge: null,
    degraded: false,
    busy: false,
    ...asked,
  }
}

/** Notes an attempt, so that the next one goes elsewhere. */
export function noteTried(placing: Placing, deployment: Deployment): void {
  placing.tried |= bitOf(deployment)
  placing.lastTried = deployment
}

export function wasTried(placing: Placing, deployment: Deployment): boolean {
  return (
    (placing.tried & bitOf(deployment)) !== 0 && (deployment.index < 31 || placing.lastTried === deployment)
  )
}

function bitOf({ index }: Deployment): number {
  return 1 << Math.min(index, 31)
}
