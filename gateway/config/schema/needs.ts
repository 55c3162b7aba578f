import { type TSchema, Type } from 'typebox'
import { Maybe, Size } from '../../contract/option-types.ts'
import { Group, Line, NAME_EXPECTED, NAME_PATTERN, Named } from './fields.ts'

/** Names of processor architectures as containers have them (OCI image specification, `architecture`). */
export const ARCHITECTURES = ['amd64', 'arm64', 'arm', 'ppc64le', 's390x', 'riscv64'] as const

/** Most GPUs that one call can be given. */
const MOST_GPUS = 1024

function GpuField(description: string) {
  const fields = {
    model: Maybe(
      Type.String({
        pattern: NAME_PATTERN,
        expected: NAME_EXPECTED.replace('a name', 'a model'),
        description:
          'Model, such as `a100`; the same spelling for what is offered and needed. Left out: any, or not said.',
      }),
    ),
    count: Type.Integer({
      default: 1,
      minimum: 1,
      maximum: MOST_GPUS,
      description: 'How many one call has for itself.',
    }),
  }
  return Type.Union([Type.Object(fields, { description }), Type.Boolean(), Type.Null()], {
    default: null,
    description,
  })
}

function Labels(description: string) {
  return Named(Line({ description: 'Value of the label.' }), { description })
}

const Architecture = Type.Enum([...ARCHITECTURES], { description: 'One architecture.' })

/** What a backend offers. */
export const OffersField = Group(
  {
    gpu: GpuField('GPU of the machines: `true` for any, or its model and count. Left out: none.'),
    arch: Type.Array(Architecture, {
      default: [],
      uniqueItems: true,
      description: 'Architectures that functions can be built for. Empty: not said.',
    }),
    memory: Maybe(Size({ min: '1MiB', description: 'Most memory of one function. Left out: not said.' })),
    labels: Labels('Anything else that functions may need, by name.'),
  },
  'What its machines have. What is not said here is not there for functions that need it.',
)

function NeedsFields() {
  return {
    gpu: GpuField('A GPU: `true` for any, or its model and at least how many. Left out: none needed.'),
    arch: Maybe(
      Type.Enum([...ARCHITECTURES], { description: 'Architecture that it is built for. Left out: any.' }),
    ),
    memory: Maybe(Size({ min: '1MiB', description: 'At least so much `memory` must be offered.' })),
    labels: Labels('Labels that must be offered with just these values.'),
  } satisfies Record<string, TSchema>
}

/** What a function needs. */
export const NeedsField = Group(
  NeedsFields(),
  'What a backend must offer. Calls never go to one that does not, however busy the others are.',
)

/** What a function prefers. */
export const PrefersField = Group(
  NeedsFields(),
  'What a backend should offer. Calls go to one that offers all of this, even if it is farther; to others, with `dispatch-placement: degraded` in the answer, when there is none, or no room on it.',
)
