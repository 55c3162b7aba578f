import { type Static, Type } from 'typebox'
import { Duration, Maybe, Secret, Url } from '../../gateway/contract/option-types.ts'
import { connectionFields } from '../support/connection-options.ts'

export const Options = Type.Object({
  region: Type.String({
    pattern: '^[a-z]{2,}(-[a-z]+)+-\\d$',
    expected: 'a region such as eu-central-1',
    description: 'Region of the functions, for example `eu-central-1`.',
  }),
  endpoint: Maybe(
    Url({
      origin: true,
      description:
        'Where Lambda answers instead of `https://lambda.REGION.amazonaws.com`: a VPC endpoint, a FIPS endpoint, an emulator.',
    }),
  ),
  role: Maybe(
    Type.String({
      pattern: '^arn:aws[a-z-]*:iam::\\d{12}:role/.+$',
      expected: 'the ARN of a role',
      description: 'Execution role of functions that are deployed. Needed for new ones.',
    }),
  ),
  logsEndpoint: Maybe(
    Url({
      origin: true,
      description: 'Where CloudWatch Logs answers instead of `https://logs.REGION.amazonaws.com`.',
    }),
  ),
  payload: Type.Union([Type.Literal('v2'), Type.Literal('v1'), Type.Literal('raw')], {
    default: 'v2',
    description:
      'How a request becomes an event and a result an answer: `v2` as an HTTP API or a Function URL does it, `v1` as a REST API does it, `raw` the body as event and the result as body.',
  }),
  streaming: Type.Boolean({
    default: false,
    description:
      'Invokes with a response stream: for functions that stream their answers. What they write is passed on at once, up to 200 MiB; otherwise an answer is 6 MiB at most and comes as a whole.',
  }),
  tenantIsolation: Type.Boolean({
    default: false,
    description:
      'For functions that isolate tenants: sends the organization of the caller, or that of the function where callers need not say who they are, as tenant id.',
  }),
  logTail: Type.Boolean({
    default: false,
    description: 'Writes the last 4 KiB of the log of each call to the log of the gateway.',
  }),
  url: Maybe(
    Url({
      description:
        'Calls Function URLs instead of the API, for example `https://{name}.lambda-url.eu-central-1.on.aws`. `{name}` becomes the name of the deployment. `payload`, `streaming`, `tenantIsolation` and `logTail` then have no meaning.',
    }),
  ),
  urlAuth: Type.Union([Type.Literal('iam'), Type.Literal('none')], {
    default: 'iam',
    description:
      "What the Function URLs ask for: `iam` a signature, which takes the place of the caller's `authorization`; `none` nothing.",
  }),
  credentials: Maybe(
    Type.Object(
      {
        accessKeyId: Type.String({ pattern: '^\\w{4,128}$', description: 'Id of the access key.' }),
        secretAccessKey: Secret({ description: 'The secret access key.' }),
        sessionToken: Maybe(Secret({ description: 'Token of temporary credentials.' })),
      },
      {
        description:
          'An access key. Left out: the standard chain of the AWS SDK (environment, shared files, web identity, container, instance).',
      },
    ),
  ),
  profile: Maybe(
    Type.String({ minLength: 1, description: 'Profile of the shared configuration files of AWS.' }),
  ),
  assumeRole: Maybe(
    Type.Object(
      {
        arn: Type.String({
          pattern: '^arn:aws[a-z-]*:iam::\\d{12}:role/.+$',
          description: 'ARN of the role.',
        }),
        externalId: Maybe(Type.String({ minLength: 2, description: 'External id that the role asks for.' })),
        sessionName: Type.String({
          pattern: '^[\\w+=,.@-]{2,64}$',
          default: 'dispatch-edge',
          description: 'Name of the session, seen in CloudTrail.',
        }),
        duration: Duration({
          default: '1h',
          min: '15m',
          max: '12h',
          description: 'How long each of its credentials lasts.',
        }),
        endpoint: Maybe(Url({ origin: true, description: "Where STS answers. Left out: the region's." })),
      },
      { description: 'A role that is assumed with these credentials.' },
    ),
  ),
  ...connectionFields,
})
export type LambdaOptions = Static<typeof Options>
