import type { LoggedCall } from '../../../gateway/observe/access-log.ts'

/** A call that is over, as the access log sees it. */
export function loggedCall(parts: Partial<LoggedCall> = {}): LoggedCall {
  return {
    id: 'id-1',
    method: 'GET',
    host: 'api.example.com',
    path: '/hello/world',
    clientAddress: '203.0.113.7',
    principal: {
      subject: 'user-1',
      issuer: 'https://idp.example.com',
      organization: 'acme',
      roles: [],
      scopes: [],
      groups: [],
      key: 'https://idp.example.com user-1',
      expiresAt: Number.POSITIVE_INFINITY,
      credential: 'jwt',
    },
    route: { name: 'GET api.example.com/hello/:name', organization: 'acme', functionName: 'hello' },
    outcome: 'answered',
    status: 200,
    code: null,
    attempts: 1,
    bytesOut: 1234,
    waitedMs: 0,
    traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
    reason: '',
    entryZone: null,
    hint: null,
    ...parts,
  }
}
