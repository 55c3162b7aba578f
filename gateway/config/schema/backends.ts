import { type Static, Type } from 'typebox'
import type { Offers } from '../../constraints/needs.ts'
import { Duration, Maybe, OrWord } from '../../contract/option-types.ts'
import { type Frozen, Group, Line, Name, Names, Rule } from './fields.ts'
import { OffersField } from './needs.ts'

const MOST_CALLS = 1_000_000

/** How many calls one function may have at once on one backend. */
export function FunctionConcurrency(options: { readonly description: string; readonly default?: string }) {
  return Type.Union(
    [Type.Enum(['adaptive', 'unlimited']), Type.Integer({ minimum: 1, maximum: MOST_CALLS })],
    options,
  )
}

const Price = Group(
  {
    call: Type.Number({ default: 0, minimum: 0, maximum: 1000, description: 'For each call.' }),
    second: Type.Number({
      default: 0,
      minimum: 0,
      maximum: 1000,
      description: 'For each second that a call takes.',
    }),
    gbSecond: Type.Number({
      default: 0,
      minimum: 0,
      maximum: 1000,
      description:
        'For each second and 1024 MiB of the `memory` of the function, as clouds bill: 512 MiB cost half.',
    }),
  },
  'What a call costs, in one currency for the whole file. The sum of the three.',
)

const Probe = Group(
  {
    every: Duration({
      default: '10s',
      min: '100ms',
      max: '1h',
      description: 'Time from one look to the next.',
    }),
    timeout: Duration({
      default: '5s',
      min: '10ms',
      max: '1m',
      description: 'Time for an answer; then the look has failed.',
    }),
  },
  'How often the gateway looks whether the platform is there, where the driver can. After two looks in a row that failed its functions go elsewhere if they can, until one succeeds.',
)

/** Fields of a Backend that every driver has; the options of the driver stand beside them. */
export const BackendSchema = Type.Object(
  {
    driver: Line({
      expected: 'the kind of a driver such as http',
      description: 'Kind of platform: a built-in driver, or one of `drivers`.',
    }),
    organizations: Maybe(
      Names(Name({ description: 'Name of an organization.' }), {
        description: 'Organizations that may deploy here. Left out: all.',
      }),
    ),
    zone: Maybe(
      Rule('zone', {
        description:
          'Where it is, `region` or `region/zone`. Left out: unknown, so farther than all that is declared, and never within a `residency`.',
      }),
    ),
    offers: OffersField,
    concurrency: OrWord(
      Type.Integer({
        minimum: 1,
        maximum: MOST_CALLS,
        description:
          'Calls at once, of all functions and threads together. Further ones go elsewhere or wait.',
      }),
      'unlimited',
      { default: 'unlimited' },
    ),
    functionConcurrency: FunctionConcurrency({
      default: 'adaptive',
      description:
        'Calls at once of each function here, over all threads, where its deployment has no `concurrency`. `adaptive` learns it: the limit shrinks while calls get slower or the platform says that it is full, and grows again.',
    }),
    burst: Type.Boolean({
      default: false,
      description:
        'Such as a public cloud: used only by functions with `burst`, when what stands before it is nearly full or down, and within their budgets.',
    }),
    price: Price,
    drain: Type.Boolean({
      default: false,
      description: 'No new calls go here; running ones finish.',
    }),
    probe: Probe,
  },
  { description: 'One platform that runs functions. The options of its driver stand beside these fields.' },
)

type WrittenBackend = Static<typeof BackendSchema>

/** How many calls at once, over all threads; or found out, or not bounded. */
export type ConcurrencyConfig = number | 'adaptive' | 'unlimited'

export type PriceConfig = Frozen<WrittenBackend['price']>

/** A Backend after load. */
export interface BackendConfig extends Frozen<Omit<WrittenBackend, 'offers' | 'functionConcurrency'>> {
  readonly name: string
  /** Organizations that may deploy here, or null for all. */
  readonly organizations: readonly string[] | null
  readonly offers: Offers
  /** Calls at once of all functions and threads; null for unlimited. */
  readonly concurrency: number | null
  readonly functionConcurrency: ConcurrencyConfig
  /** Validated and complete by the schema of the driver. */
  readonly options: unknown
}
