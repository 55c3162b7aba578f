import { type Static, Type } from 'typebox'
import { type Frozen, Group, Line, Name, Named, Rule } from '../config/schema/fields.ts'
import { Duration, Maybe, OrWord, Path } from '../contract/option-types.ts'

const Time = Type.Union(
  [
    Duration({ description: 'Always so long.', min: '1ms', max: '1h' }),
    Type.Object(
      {
        mean: Duration({ description: 'On average.', min: '1ms', max: '1h' }),
        spread: Type.Number({
          default: 0.5,
          minimum: 0,
          maximum: 5,
          description: 'Standard deviation as a share of the mean; log-normal, as times of answers are.',
        }),
      },
      { description: 'A distribution.' },
    ),
  ],
  { description: 'How long a call takes.' },
)

const Share = { minimum: 0, maximum: 1 }

const Event = Type.Object(
  {
    from: Duration({ description: 'Begins so long after the start.', min: '0s', max: '7d' }),
    for: Duration({ description: 'Lasts so long.', min: '1ms', max: '7d' }),
    calls: Type.Enum(['unreachable', 'reset', 'hang', 'overloaded', 'fail', 'slower'], {
      description:
        'What becomes of calls: the platform cannot be reached; breaks off; never answers; says that it is full; the function answers 500 at once; or they take longer by `by`.',
    }),
    by: Duration({ description: 'Added to the time of `slower` calls.', default: '0s', max: '1h' }),
    share: Type.Number({ ...Share, default: 1, description: 'Of the calls that begin in this time.' }),
  },
  { description: 'An outage, or a bad time.' },
)

const Platform = Type.Object(
  {
    service: Time,
    capacity: OrWord(
      Type.Integer({
        minimum: 1,
        maximum: 1_000_000,
        description:
          'Calls at once that the platform really serves, whatever the configuration says about it.',
      }),
      'unlimited',
      { default: 'unlimited' },
    ),
    queue: Type.Integer({
      default: 0,
      minimum: 0,
      maximum: 1_000_000,
      description:
        'Calls beyond the capacity that wait on the platform; the others it refuses as overloaded.',
    }),
    errors: Type.Number({
      ...Share,
      default: 0,
      description: 'Share of the calls that the function answers with 500.',
    }),
    coldStart: Maybe(
      Type.Object(
        {
          time: Duration({ description: 'What a start adds to the call.', max: '10m' }),
          idle: Duration({
            default: '5m',
            min: '1s',
            max: '1d',
            description: 'An instance that was not called for so long is gone.',
          }),
        },
        {
          description:
            'Each instance serves one call at once, and is started by the first call that finds none.',
        },
      ),
    ),
    events: Type.Array(Event, { default: [], description: 'What goes wrong when.' }),
  },
  { description: 'How a platform behaves.' },
)

const Phase = Type.Object(
  {
    for: Duration({ description: 'Length of the phase.', min: '1ms', max: '7d' }),
    rate: Type.Number({ minimum: 0, maximum: 100_000, description: 'Calls per second, at its begin.' }),
    to: Maybe(
      Type.Number({
        minimum: 0,
        maximum: 100_000,
        description: 'Calls per second at its end, for a ramp; left out: the same all the time.',
      }),
    ),
  },
  { description: 'A phase; the next begins when it ends.' },
)

const Flow = Type.Object(
  {
    function: Name({ description: 'Function that is called.' }),
    organization: Name({ default: 'default', description: 'Its organization.' }),
    zone: Maybe(Rule('zone', { description: 'Where the calls come in; left out: where the gateway is.' })),
    hint: Maybe(Line({ description: 'What the callers ask for, as in Dispatch-Hint.' })),
    repeatable: Type.Boolean({
      default: false,
      description: 'The calls may be tried again after they were sent.',
    }),
    attempts: Type.Integer({ default: 3, minimum: 1, maximum: 10, description: 'Tries in all.' }),
    arrivals: Type.Enum(['poisson', 'even'], {
      default: 'poisson',
      description: 'Independent of each other, or at equal distances.',
    }),
    rate: Type.Array(Phase, { minItems: 1, description: 'How many come when.' }),
  },
  { description: 'Calls of one function.' },
)

/** What is simulated, as people write it. */
export const ScenarioSchema = Type.Object(
  {
    seed: Type.Integer({
      default: 1,
      minimum: 0,
      maximum: 4_294_967_295,
      description: 'The same seed gives the same calls and the same chance.',
    }),
    load: Type.Array(Flow, { default: [], description: 'Calls that come in.' }),
    recording: Maybe(
      Path({
        exists: 'file',
        description:
          'An access log of a gateway: its calls come in again, as they came. In the place of `load`.',
      }),
    ),
    platforms: Named(Platform, {
      description: 'By the name of the backend. Those that a recording tells of may be left out.',
    }),
    sample: Group(
      {
        every: Duration({ default: '1s', min: '100ms', max: '1h', description: 'One point of the plot.' }),
      },
      'How fine the plot is.',
    ),
  },
  { description: 'A scenario.' },
)

export type Scenario = Frozen<Static<typeof ScenarioSchema>>
export type FlowConfig = Scenario['load'][number]
export type PlatformConfig = Scenario['platforms'][string]
export type ServiceTime = PlatformConfig['service']
export type PlatformEvent = PlatformConfig['events'][number]
