import type { ErrorCode } from '../../contract/errors.ts'
import { ERRORS } from '../../contract/errors.ts'
import { newRequestId } from '../../invocation/request-id.ts'
import { PROBLEM_TYPE, problemBody } from '../../observe/problem.ts'

/** An error of Node's parser or of the socket, as `clientError` gives it. */
export interface ClientFault extends Error {
  readonly code?: string
  /** What the parser says about it. */
  readonly reason?: string
  readonly rawPacket?: Buffer
}

/** The code for bytes that are no request. */
export function faultCode(fault: ClientFault): ErrorCode {
  switch (fault.code) {
    case 'HPE_HEADER_OVERFLOW':
      return 'GW_HEADERS_TOO_LARGE'
    case 'HPE_CHUNK_EXTENSIONS_OVERFLOW':
      return 'GW_BODY_TOO_LARGE'
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return 'GW_REQUEST_TIMEOUT'
    case 'HPE_INVALID_VERSION':
      return fault.reason === 'Invalid HTTP version' ? 'GW_VERSION_NOT_SUPPORTED' : 'GW_BAD_REQUEST'
    default:
      return 'GW_BAD_REQUEST'
  }
}

/** A whole answer for a connection on which there is no request to answer; the connection ends with it. */
export function rawAnswer(code: ErrorCode): string {
  const { status, title } = ERRORS[code]
  const requestId = newRequestId()
  const body = problemBody(code, { detail: '', requestId, attempts: 0 })
  return [
    `HTTP/1.1 ${status} ${title}`,
    `content-type: ${PROBLEM_TYPE}`,
    `content-length: ${Buffer.byteLength(body)}`,
    `x-request-id: ${requestId}`,
    `dispatch-error: ${code}`,
    'cache-control: no-store',
    'connection: close',
    '',
    body,
  ].join('\r\n')
}
