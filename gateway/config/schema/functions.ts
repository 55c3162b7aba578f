import { type Static, Type } from 'typebox'
import type { Needs } from '../../constraints/needs.ts'
import { Duration, Maybe, Size } from '../../contract/option-types.ts'
import { type ConcurrencyConfig, FunctionConcurrency } from './backends.ts'
import { type BurstConfig, BurstField } from './budgets.ts'
import { type Frozen, Group, Line, Name, Names, Rule } from './fields.ts'
import { NeedsField, PrefersField } from './needs.ts'

const Deployment = Type.Object(
  {
    backend: Name({ description: 'Name of a backend.' }),
    name: Type.Optional(
      Line({ description: 'Name of the function on that platform. Left out: the name that it has here.' }),
    ),
    concurrency: Type.Optional(
      FunctionConcurrency({
        description:
          'Calls at once of this function there, over all threads. Left out: `functionConcurrency` of the backend.',
      }),
    ),
    memory: Type.Optional(
      Size({
        min: '1MiB',
        description: 'Memory that a call is billed with there. Left out: `memory` of the function.',
      }),
    ),
  },
  { description: 'A function on a backend.' },
)

const Hedge = Type.Object(
  {
    after: Type.Union([Type.Literal('p95'), Duration({ min: '1ms', description: 'A fixed time.' })], {
      default: 'p95',
      description:
        'When the second one is sent: after a fixed time, or when the first takes longer than 95 of 100 calls did lately.',
    }),
    extraLoad: Type.Number({
      default: 5,
      minimum: 0.1,
      maximum: 100,
      description: 'At most so many of 100 calls are sent twice.',
    }),
  },
  {
    description:
      'Sends a slow call to a second deployment too; the first answer counts, the other call is cut. Never to a burst backend. Only calls that are safe to repeat. Left out: never.',
  },
)

const Waiting = Group(
  {
    most: Type.Integer({
      default: 100,
      minimum: 0,
      maximum: 100_000,
      description:
        'Calls that wait at once, over all threads; further ones get 503 with `Retry-After` at once. 0: none waits.',
    }),
    time: Maybe(
      Duration({
        min: '1ms',
        max: '10m',
        description:
          'Longest time that a call waits, then 503; never beyond its `timeout`. A call waits only while it is likely to be served in half of it, else it gets its 503 at once. Left out: about as long as a call takes, 500ms at most.',
      }),
    ),
  },
  'What becomes of calls while there is no room on any deployment.',
)

export const FunctionSchema = Type.Object(
  {
    deployments: Type.Array(Type.Union([Name({ description: 'Name of a backend.' }), Deployment]), {
      minItems: 1,
      description:
        'Where the function can run: names of backends, or `{ backend, name, concurrency, memory }`. In any order: calls go to the nearest with room.',
    }),
    timeout: Type.Optional(
      Duration({
        min: '1ms',
        description:
          'Until the head of the answer, all tries together; then 504. Left out: `defaults.timeout`.',
      }),
    ),
    idempotent: Type.Boolean({
      default: false,
      description:
        'A call that may have been executed can be sent again, whatever its method. False, because a function may have effects.',
    }),
    memory: Size({
      default: '128MiB',
      min: '1MiB',
      description:
        'Memory that a call is billed with, for the price per `gbSecond`. It does not choose a backend; `needs.memory` does.',
    }),
    contract: Type.Enum(['http', 'dispatch'], {
      default: 'http',
      description:
        '`http`: the function gets the request and gives the answer. `dispatch`: it is called by the Function Runtime API, `{context, payload}` both ways in JSON; its InputError is 400, its other errors are 502, and its logs go to the log of the gateway.',
    }),
    needs: NeedsField,
    prefers: PrefersField,
    residency: Maybe(
      Names(Rule('zone', { description: 'A region or zone.' }), {
        minItems: 1,
        description:
          'Regions or zones that calls never leave; a region holds all its zones. Left out: they may go anywhere.',
      }),
    ),
    locality: Type.Enum(['nearest', 'any'], {
      default: 'nearest',
      description:
        '`nearest`: a farther backend only gets calls when the nearer ones are nearly full or down. `any`: all but burst backends count as equally near.',
    }),
    coldStart: Type.Enum(['wait', 'warm-peer'], {
      default: 'wait',
      description:
        'When the chosen deployment has no running instance: wait for one, or take another deployment that has (`warm-peer`), also a burst one within its budget. The sleeping one then wakes when the others are full, and with `hedge` also by a call in ten seconds that is sent to both.',
    }),
    hedge: Maybe(Hedge),
    burst: BurstField,
    waiting: Waiting,
  },
  { description: 'A unit of code of one organization.' },
)

export interface DeploymentConfig {
  readonly backend: string
  /** Name of the function on the platform. */
  readonly name: string
  /** Calls at once of this function there; that of the backend where the deployment says nothing. */
  readonly concurrency: ConcurrencyConfig
  /** Bytes that a call is billed with. */
  readonly memory: number
}

type WrittenFunction = Static<typeof FunctionSchema>

/** `hedge` of a function after load: `after` in milliseconds or `p95`, `extraLoad` in percent of the calls. */
export type HedgeConfig = Frozen<Static<typeof Hedge>>

/** A Function after load. */
export interface FunctionConfig
  extends Frozen<Omit<WrittenFunction, 'deployments' | 'timeout' | 'needs' | 'prefers' | 'burst'>> {
  readonly organization: string
  readonly name: string
  /** Never empty. */
  readonly deployments: readonly DeploymentConfig[]
  /** Milliseconds until the head of the answer. */
  readonly timeout: number
  readonly needs: Needs
  readonly prefers: Needs
  /** Null when it never goes to a burst backend. */
  readonly burst: BurstConfig | null
}
