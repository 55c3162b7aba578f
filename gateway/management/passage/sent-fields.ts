import type { IncomingHttpHeaders } from 'node:http'
import { CONNECTION_FIELDS } from '../../contract/connection-fields.ts'

/** Of one connection, in either direction. */
const OF_A_CONNECTION = [...CONNECTION_FIELDS, 'proxy-authentication-info', 'http2-settings']

/** Who the caller is and how it came: that is between the caller and the gateway. Names that end in `-` are beginnings. */
const OF_THE_CALLER = [
  'authorization',
  'proxy-authorization',
  'cookie',
  'host',
  'content-length',
  'expect',
  'forwarded',
  'x-forwarded-',
  'x-real-ip',
  'x-api-key',
  'dispatch-',
]

/** What the gateway says in every answer itself, and what would speak to a browser in its name. */
const OF_THE_GATEWAY = [
  'x-request-id',
  'cache-control',
  'x-content-type-options',
  'content-security-policy',
  'set-cookie',
  'clear-site-data',
  'access-control-',
  'dispatch-',
]

/** The fields of a request that go on to a platform; several of one name are joined. */
export function sentFields(
  fields: IncomingHttpHeaders,
  identity: readonly string[],
): Readonly<Record<string, string>> {
  const dropped = [...OF_A_CONNECTION, ...OF_THE_CALLER, ...identity, ...namedIn(fields.connection)]
  return Object.fromEntries(
    Object.entries(fields).flatMap(([name, value]) =>
      value === undefined || isAmong(name, dropped) ? [] : [[name, [value].flat().join(', ')]],
    ),
  )
}

type AnswerFields = Readonly<Record<string, string | string[] | undefined>>

/** The fields of a platform's answer that go on to the caller. */
export function answeredFields(fields: AnswerFields): Record<string, string | string[]> {
  const dropped = [
    ...OF_A_CONNECTION,
    ...OF_THE_GATEWAY,
    ...namedIn([fields['connection'] ?? []].flat().join()),
  ]
  return Object.fromEntries(
    Object.entries(fields).filter(
      (entry): entry is [string, string | string[]] => entry[1] !== undefined && !isAmong(entry[0], dropped),
    ),
  )
}

function isAmong(name: string, dropped: readonly string[]): boolean {
  return dropped.some((each) => (each.endsWith('-') ? name.startsWith(each) : name === each))
}

/** Names in a `Connection` field. */
function namedIn(connection: string | undefined): string[] {
  return (connection ?? '')
    .toLowerCase()
    .split(',')
    .map((name) => name.trim().replace(/-$/, ''))
    .filter((name) => name !== '')
}
