/**
 * The one table of error codes. A code is forever; its message is not. Statuses, titles and components
 * of every problem document, the generated page of errors and the tests derive from it.
 */

/** Who is to blame in the eyes of the client. */
export type Component = 'gateway' | 'backend' | 'function'

/** One row of the table. */
export interface ErrorRow {
  /** HTTP status that a client gets; 0 when the code never reaches one. */
  readonly status: number
  readonly component: Component
  /** Short, stable, without data of the request (RFC 9457, `title`). */
  readonly title: string
  /** What a caller or an operator can do about it. */
  readonly help: string
}

const row = (status: number, component: Component, title: string, help: string): ErrorRow => ({
  status,
  component,
  title,
  help,
})

export const ERRORS = {
  GW_BAD_REQUEST: row(400, 'gateway', 'The request is malformed', 'Send a well-formed HTTP request.'),
  GW_BAD_TARGET: row(
    400,
    'gateway',
    'The request target is not acceptable',
    'Send a normalised path: no dot segments, no empty segments, no encoded slashes or control characters.',
  ),
  GW_BAD_HOST: row(400, 'gateway', 'The Host is not acceptable', 'Send exactly one valid Host header.'),
  GW_BAD_HEADER: row(
    400,
    'gateway',
    'A header is not acceptable',
    'Remove the header that is named in the detail.',
  ),
  GW_BAD_UPGRADE: row(
    400,
    'gateway',
    'The WebSocket handshake is malformed',
    'Send the fields of RFC 6455, 4.1.',
  ),
  GW_BAD_HINT: row(
    400,
    'gateway',
    'The Dispatch-Hint is not acceptable',
    'Send a dictionary (RFC 9651) of the members that the detail names, or no Dispatch-Hint.',
  ),
  GW_ORDER_INVALID: row(400, 'gateway', 'What is asked for cannot be', 'Correct what the detail names.'),
  GW_INPUT_INVALID: row(
    400,
    'function',
    'The body is not what the function takes',
    'Send a body of the form that the function asks for, such as JSON.',
  ),
  GW_CREDENTIALS_CONFLICT: row(
    400,
    'gateway',
    'More than one credential was sent',
    'Send one credential, in one Authorization or API key header, never in the URL.',
  ),
  GW_UNAUTHENTICATED: row(401, 'gateway', 'A credential is required', 'Send a token or an API key.'),
  GW_CREDENTIAL_INVALID: row(
    401,
    'gateway',
    'The credential is not valid',
    'Get a new token. The reason is in the log of the gateway under the request id.',
  ),
  GW_FORBIDDEN: row(403, 'gateway', 'The caller may not do this', 'Ask the owner of the function.'),
  GW_SCOPE_MISSING: row(
    403,
    'gateway',
    'The token lacks a scope',
    'Get a token with the scopes that WWW-Authenticate names.',
  ),
  GW_ADDRESS_FORBIDDEN: row(
    403,
    'gateway',
    'The address of the caller is not allowed',
    'Call from an allowed network.',
  ),
  GW_NO_ROUTE: row(404, 'gateway', 'No route for this host and path', 'Check host and path.'),
  GW_METHOD_NOT_ALLOWED: row(
    405,
    'gateway',
    'The route does not take this method',
    'Use a method from Allow.',
  ),
  GW_REQUEST_TIMEOUT: row(408, 'gateway', 'The request did not arrive in time', 'Send the request faster.'),
  GW_CHANGE_UNDER_WAY: row(
    409,
    'gateway',
    'The function is being changed already',
    'Repeat the request when the change before it is over.',
  ),
  GW_BODY_TOO_LARGE: row(413, 'gateway', 'The body is too large', 'Send a smaller body.'),
  GW_TARGET_TOO_LONG: row(414, 'gateway', 'The request target is too long', 'Move data into the body.'),
  GW_UNSUPPORTED_MEDIA_TYPE: row(
    415,
    'gateway',
    'The content type is not supported',
    'Send application/json in UTF-8 without a content encoding.',
  ),
  GW_UPGRADE_REQUIRED: row(
    426,
    'gateway',
    'The version of the WebSocket protocol is not supported',
    'Use version 13 (RFC 6455).',
  ),
  GW_MISDIRECTED: row(421, 'gateway', 'The authority is not ours', 'Send the request to the host it names.'),
  GW_EXPECTATION_FAILED: row(
    417,
    'gateway',
    'The expectation cannot be met',
    'Send Expect: 100-continue or none.',
  ),
  GW_RATE_LIMITED: row(429, 'gateway', 'Too many requests', 'Wait for the seconds in Retry-After.'),
  GW_CONCURRENCY_LIMITED: row(429, 'gateway', 'Too many requests at once', 'Wait until one of them is over.'),
  GW_HEADERS_TOO_LARGE: row(431, 'gateway', 'The headers are too large', 'Send fewer or smaller headers.'),
  GW_INTERNAL: row(500, 'gateway', 'The gateway failed', 'Report the request id to the operator.'),
  GW_METHOD_UNKNOWN: row(501, 'gateway', 'The method is not implemented', 'Use a method of RFC 9110.'),
  GW_UPGRADE_UNSUPPORTED: row(
    501,
    'gateway',
    'The platform of the function cannot open a WebSocket',
    'Deploy the function where it can.',
  ),
  GW_PLATFORM_UNSUPPORTED: row(
    501,
    'backend',
    'The platform cannot do this',
    'Ask for something that the platform can do.',
  ),
  GW_PLATFORM_FAILED: row(
    502,
    'backend',
    'The platform did not do this',
    'See the detail; it holds what the platform says.',
  ),
  GW_BACKEND_FAILED: row(
    502,
    'backend',
    'The driver of the backend failed',
    'Report the request id to the operator.',
  ),
  GW_FUNCTION_FAILED: row(
    502,
    'function',
    'The function failed',
    'Report the request id to the owner of the function.',
  ),
  GW_FUNCTION_NOT_FOUND: row(
    502,
    'backend',
    'The backend does not know the function',
    'Deploy the function.',
  ),
  GW_BACKEND_DENIED: row(
    502,
    'backend',
    'The backend refuses the gateway',
    'Report the request id to the operator.',
  ),
  GW_BACKEND_UNREACHABLE: row(502, 'backend', 'The backend cannot be reached', 'Try again later.'),
  GW_BACKEND_RESET: row(
    502,
    'backend',
    'The backend closed the connection before it answered',
    'The function may have run. Repeat only calls that are safe to repeat.',
  ),
  GW_BACKEND_MALFORMED: row(
    502,
    'backend',
    'The answer of the backend is not valid HTTP',
    'The function may have run. Repeat only calls that are safe to repeat.',
  ),
  GW_BACKEND_OVERLOADED: row(503, 'backend', 'Every backend is full', 'Wait for the seconds in Retry-After.'),
  GW_SATURATED: row(
    503,
    'gateway',
    'The function has no free capacity',
    'Wait for the seconds in Retry-After. The function has not run.',
  ),
  GW_NO_DEPLOYMENT: row(
    503,
    'gateway',
    'No deployment can serve the function',
    'Wait for the seconds in Retry-After.',
  ),
  GW_IDENTITY_UNAVAILABLE: row(
    503,
    'gateway',
    'The credential cannot be checked at the moment',
    'Wait for the seconds in Retry-After.',
  ),
  GW_DRAINING: row(503, 'gateway', 'The gateway is shutting down', 'Repeat the request on a new connection.'),
  GW_TIMEOUT: row(
    504,
    'backend',
    'The function did not answer in time',
    'The function may have run. Repeat only calls that are safe to repeat.',
  ),
  GW_VERSION_NOT_SUPPORTED: row(505, 'gateway', 'The HTTP version is not supported', 'Use HTTP/1.1.'),
  GW_CONFIG_INVALID: row(
    0,
    'gateway',
    'The configuration is not valid',
    'Correct what the list of mistakes names.',
  ),
  GW_START_FAILED: row(0, 'gateway', 'The gateway cannot start', 'See the detail.'),
} as const satisfies Record<string, ErrorRow>

export type ErrorCode = keyof typeof ERRORS

/** Something broke that nobody expected. What the gateway *decides* is a Rejection, never thrown. */
export class GatewayError extends Error {
  readonly code: ErrorCode
  readonly detail: string

  constructor(code: ErrorCode, options: { readonly detail: string; readonly cause?: unknown }) {
    super(`${code}: ${options.detail}`, { cause: options.cause })
    this.name = 'GatewayError'
    this.code = code
    this.detail = options.detail
  }
}
