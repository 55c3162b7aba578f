import type { Call, Holding } from '../../../gateway/contract/call.ts'
import { HeaderList } from '../../../gateway/contract/headers.ts'
import type { Principal } from '../../../gateway/contract/principal.ts'

/** A call without a gateway around it: what a plugin may see and do. */
export interface PlainCall extends Call {
  /** Least number of bytes given to `limitBody`; Infinity without one. */
  readonly bodyLimit: number
  /** Ends the call: it gives back what it keeps. */
  end(): void
}

type Given = Partial<Omit<Call, 'header' | 'keep' | 'limitBody' | 'requestHeaders'>>

/** `GET http://api.example.com/hello` from 192.0.2.1, but for what is given. */
export function plainCall(given: Given = {}): PlainCall {
  const rawHeaders = given.rawHeaders ?? []
  let bodyLimit = Number.POSITIVE_INFINITY
  const kept: Holding[] = []
  return {
    id: 'call-1',
    method: 'GET',
    host: 'api.example.com',
    path: '/hello',
    query: '',
    secure: true,
    clientAddress: '192.0.2.1',
    requestHeaders: new HeaderList(rawHeaders.map((text, i) => (i % 2 === 0 ? text.toLowerCase() : text))),
    bodyLength: 0,
    principal: null,
    route: { name: 'GET api.example.com/hello', organization: 'acme', functionName: 'hello' },
    ...given,
    rawHeaders,
    header(name) {
      const at = rawHeaders.findIndex((text, i) => i % 2 === 0 && text.toLowerCase() === name)
      return at < 0 ? null : rawHeaders[at + 1]!
    },
    limitBody(bytes) {
      bodyLimit = Math.min(bodyLimit, bytes)
    },
    keep(holding) {
      kept.push(holding)
    },
    end() {
      for (const holding of kept.splice(0)) holding.giveBack()
    },
    get bodyLimit() {
      return bodyLimit
    },
  }
}

export function principal(subject: string): Principal {
  const issuer = 'https://idp.example.com'
  const nothing = { roles: [], scopes: [], groups: [] }
  return {
    subject,
    issuer,
    organization: 'acme',
    ...nothing,
    key: `${issuer} ${subject}`,
    expiresAt: Number.POSITIVE_INFINITY,
    credential: 'jwt',
  }
}
