import { type Static, Type } from 'typebox'
import { Duration, Maybe } from '../../contract/option-types.ts'
import { type Frozen, Line, Name, Names } from './fields.ts'

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
  },
  { description: 'One platform that runs functions. The options of its driver stand beside `driver`.' },
)

/** A Backend after load. */
export interface BackendConfig {
  readonly name: string
  readonly driver: string
  /** Organizations that may deploy here, or null for all. */
  readonly organizations: readonly string[] | null
  /** Validated and complete by the schema of the driver. */
  readonly options: unknown
}

const Deployment = Type.Object(
  {
    backend: Name({ description: 'Name of a backend.' }),
    name: Type.Optional(
      Line({ description: 'Name of the function on that platform. Left out: the name that it has here.' }),
    ),
  },
  { description: 'A function on a backend.' },
)

export const FunctionSchema = Type.Object(
  {
    deployments: Type.Array(Type.Union([Name({ description: 'Name of a backend.' }), Deployment]), {
      minItems: 1,
      description: 'Where the function can run: names of backends, or `{ backend, name }`.',
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
  },
  { description: 'A unit of code of one organization.' },
)

export interface DeploymentConfig {
  readonly backend: string
  /** Name of the function on the platform. */
  readonly name: string
}

/** A Function after load. */
export interface FunctionConfig
  extends Frozen<Omit<Static<typeof FunctionSchema>, 'deployments' | 'timeout'>> {
  readonly organization: string
  readonly name: string
  /** Never empty. */
  readonly deployments: readonly DeploymentConfig[]
  /** Milliseconds until the head of the answer. */
  readonly timeout: number
}
