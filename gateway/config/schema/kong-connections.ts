import { Type } from 'typebox'
import { Duration, Maybe, Secret, Text, Url } from '../../contract/option-types.ts'
import { Group } from './fields.ts'

export const Certificate = Text({ description: 'PEM chain, the own certificate first.' })
export const Key = Secret({ description: 'PEM of the private key of the certificate, not encrypted.' })

/** How the gateway speaks to Kong. */
export const Admin = Group(
  {
    url: Url({
      default: 'http://127.0.0.1:8001',
      description: 'Where the Admin API is; a path is put before all others.',
    }),
    workspace: Maybe(
      Type.String({
        pattern: '^[A-Za-z0-9][A-Za-z0-9._~-]{0,127}$',
        expected: 'the name of a workspace',
        description: 'Workspace, for a Kong that has them. Left out: none is named.',
      }),
    ),
    headers: Type.Record(
      Type.String({ pattern: "^[!#$%&'*+.^_`|~0-9A-Za-z-]+$" }),
      Secret({ description: 'Value, such as a token.' }),
      { default: {}, expected: 'a header name', description: 'Headers of every request, by name.' },
    ),
    ca: Maybe(
      Text({
        description: 'PEM certificates of the authorities that are believed instead of those of Node.',
      }),
    ),
    certificate: Maybe(Text({ description: 'PEM chain that the gateway shows. Together with `key`.' })),
    key: Maybe(Key),
    timeout: Duration({
      default: '10s',
      min: '100ms',
      max: '5m',
      description: 'Time for an answer, then it is asked again.',
    }),
  },
  'The Admin API of Kong.',
)

/** How Kong speaks to the gateway. */
export const ToGateway = Type.Object(
  {
    ca: Text({ description: 'PEM of the authority that Kong checks the certificate of the gateway by.' }),
    certificate: Maybe(
      Text({ description: 'PEM chain that Kong shows to the gateway. Together with `key`.' }),
    ),
    key: Maybe(Key),
  },
  { description: 'Kong speaks HTTPS to the gateway. Left out: plain HTTP.' },
)
