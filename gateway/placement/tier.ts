import type { Deployment } from './deployment.ts'

/** Deployments that are equally good for calls from one place: a step of the ladder that a call may go down. */
export interface Tier {
  readonly deployments: readonly Deployment[]
  /** On Backends marked `burst`: used only within the budget. */
  readonly burst: boolean
  /** Some `prefers` of the Function is not met here. */
  readonly degraded: boolean
  /** Why it stands where it stands, for `dispatch explain`: `same zone`, `same region`, `20 away`, ... */
  readonly place: string
}
