import { type Static, Type } from 'typebox'
import { Maybe } from '../../contract/option-types.ts'
import { type Frozen, Group, Line, Names, Rule } from './fields.ts'

const Distance = Type.Object(
  {
    between: Type.Array(Rule('zone', { description: 'A region or zone.' }), {
      minItems: 2,
      maxItems: 2,
      description:
        'Two regions, or zones of two regions; in both directions. What zones say counts more than what their regions say.',
    }),
    distance: Type.Number({
      minimum: 0.001,
      maximum: 1_000_000,
      description: 'How far apart, in any unit that is the same for all pairs, such as milliseconds.',
    }),
  },
  { description: 'How far apart two places are.' },
)

/** What holds for the placement of all functions. */
export const PlacementSchema = Group(
  {
    zone: Maybe(
      Rule('zone', {
        description:
          'Where this gateway runs, `region` or `region/zone`, and so where calls come in, unless a trusted proxy says otherwise with `dispatch-zone`. Left out: unknown, no backend is nearer than another.',
      }),
    ),
    distances: Type.Array(Distance, {
      default: [],
      description:
        'Neighbours. A call goes to its own zone first, then to its region, then to neighbours, the nearest first, then to all the rest, for which nothing need be declared.',
    }),
    explain: Names(Line({ description: 'One role.' }), {
      default: [],
      description:
        'Roles whose callers may ask with `Dispatch-Explain: 1` how their call was placed. Nobody by default, because the answer names backends.',
    }),
  },
  'Where things are, and who may ask how a call was placed.',
)

/** `placement` after load. */
export interface PlacementConfig extends Frozen<Omit<Static<typeof PlacementSchema>, 'distances'>> {
  readonly distances: readonly DistanceConfig[]
}

export interface DistanceConfig {
  readonly between: readonly [string, string]
  /** Positive. */
  readonly distance: number
}
