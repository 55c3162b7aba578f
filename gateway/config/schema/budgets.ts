import { type Static, type TUnsafe, Type } from 'typebox'
import { Maybe, OrWord } from '../../contract/option-types.ts'
import { type Frozen, Group } from './fields.ts'

const Budget = Type.Object(
  {
    concurrency: Maybe(
      Type.Integer({
        minimum: 0,
        maximum: 1_000_000,
        description: 'Calls at once on burst backends, over all threads.',
      }),
    ),
    rate: Maybe(
      Type.Integer({
        minimum: 0,
        maximum: 1_000_000,
        description: 'Calls that may begin on burst backends within any second.',
      }),
    ),
    money: Maybe(
      Type.Number({
        minimum: 0,
        maximum: 1_000_000,
        description:
          'Spent on burst backends within any hour, in the currency of their `price`. A call that could cost more than is left does not begin there.',
      }),
    ),
  },
  {
    description:
      'What may be used of burst backends; at least one bound, and all that are given hold. 0 is never.',
  },
)

/** A budget, or `unlimited`, which is held as null. */
function BudgetField<Default extends string | undefined>(
  standard: Default,
): TUnsafe<Static<typeof Budget> | null> {
  return OrWord(Budget, 'unlimited', standard === undefined ? {} : { default: standard })
}

/** When a function goes to burst backends. */
export const BurstField = Maybe(
  Type.Object(
    {
      above: Type.Number({
        default: 0.8,
        minimum: 0,
        maximum: 1,
        description:
          'From this use of the backends before it on, a growing share of the calls goes to burst backends. 0.8 is 80 % of the calls at once that they can take; 1: only when they are full.',
      }),
      budget: BudgetField(undefined),
    },
    {
      description:
        'Lets calls go to backends with `burst: true` when those before them are nearly full or down. Left out: never.',
    },
  ),
)

/** What all functions of an organization may use of burst backends together. */
export const OrganizationBurstField = Group(
  { budget: BudgetField('unlimited') },
  'Burst of all functions of the organization together, beside the budget that each has for itself.',
)

/** What may be used of burst backends; null is no bound by this, 0 is never. One at least is not null. */
export type BudgetConfig = Frozen<Static<typeof Budget>>

/** `burst` of a function after load. */
export interface BurstConfig {
  /** Use of what stands before, from 0 to 1, at which it begins. */
  readonly above: number
  /** Null for unlimited. */
  readonly budget: BudgetConfig | null
}
