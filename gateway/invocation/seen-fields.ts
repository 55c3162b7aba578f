import type { ActiveCall } from './active-call.ts'

/**
 * What a request says in the fields that the gateway reads, gathered in one pass over its head. One object for all
 * requests of a thread: a head is read without waiting for anything.
 */
export const seen = {
  host: '',
  hosts: 0,
  lengths: 0,
  encodings: 0,
  length: '',
  encoding: '',
  expect: '',
  connection: '',
  requestId: '',
  forwardedFor: '',
  forwardedHost: '',
  forwardedProto: '',
  forwardedPort: '',
  hint: '',
  zone: '',
  assertion: '',
}

/** Before each request. */
export function clearSeen(): void {
  seen.host = seen.length = seen.encoding = seen.expect = seen.connection = seen.requestId = ''
  seen.forwardedFor = seen.forwardedHost = seen.forwardedProto = seen.forwardedPort = ''
  seen.hint = seen.zone = seen.assertion = ''
  seen.hosts = seen.lengths = seen.encodings = 0
}

/** Keeps what a field says. @param name Lower-case. */
export function takeField(call: ActiveCall, name: string, value: string): void {
  switch (name) {
    case 'host':
      seen.host = value
      seen.hosts++
      break
    case 'content-length':
      seen.length = value
      seen.lengths++
      break
    case 'transfer-encoding':
      seen.encoding = value
      seen.encodings++
      break
    case 'expect':
      seen.expect = seen.expect === '' ? value : `${seen.expect},${value}`
      break
    case 'connection':
      seen.connection = seen.connection === '' ? value : `${seen.connection},${value}`
      break
    case 'x-request-id':
      // Two of them name two requests: neither is believed.
      seen.requestId = seen.requestId === '' ? value : '\0'
      break
    case 'x-forwarded-for':
      seen.forwardedFor = value
      break
    case 'x-forwarded-host':
      seen.forwardedHost = value
      break
    case 'x-forwarded-proto':
      seen.forwardedProto = value
      break
    case 'x-forwarded-port':
      seen.forwardedPort = value
      break
    case 'idempotency-key':
      call.hasIdempotencyKey = value !== ''
      break
    case 'dispatch-timing':
      call.wantsTiming = value === '1'
      break
    case 'dispatch-explain':
      call.wantsExplain = value === '1'
      break
    case 'dispatch-hint':
      seen.hint = seen.hint === '' ? value : `${seen.hint}, ${value}`
      break
    case 'dispatch-zone':
      // Two of them name two places: neither is believed.
      seen.zone = seen.zone === '' ? value : '\0'
      break
    case 'dispatch-assertion':
      // Two of them, or an empty one, are one that is wrong.
      seen.assertion = seen.assertion === '' && value !== '' ? value : '\0'
      break
  }
}
