import {
  ANYTHING,
  type AnswerHead,
  EMPTY,
  isGoError,
  isShort,
  type Saying,
  Sayings,
} from '../support/saying.ts'

const isError = ({ headers }: AnswerHead) => isGoError(headers)
const isText = ({ headers }: AnswerHead) =>
  headers.get('content-type')?.startsWith('text/plain') === true && isShort(headers)
/** The ingress itself: Envoy says of every answer that went to a server how long that took. */
const isOfEnvoy = ({ headers }: AnswerHead) =>
  headers.get('server')?.endsWith('envoy') === true && !headers.has('x-envoy-upstream-service-time')
const isTextOfEnvoy = (head: AnswerHead) => isOfEnvoy(head) && isText(head)

/** Length of a body that never varies, with the line end that Go puts behind it. */
const line = (text: string) => () => text.length + 1

const QUEUE_FULL = 'pending request queue full'
const WAITED = 'context deadline exceeded'
const REQUEST_TIMEOUT = 'request timeout'
const NO_ENDPOINT = 'Error getting active endpoint: '
const NO_UPSTREAM = 'upstream connect error or disconnect/reset before headers'

/**
 * What sidecar (queue-proxy), activator and ingress say in the place of a function (knative/serving 98e5ef9:
 * pkg/queue, pkg/activator, pkg/http/handler; Envoy's local replies, which Kourier, Istio and Contour share). There is
 * no mark on them: a function is told from them by what Go's `http.Error` always adds, and by the whole text.
 */
export const SAYINGS = new Sayings([
  {
    status: 503,
    fits: isError,
    body: new RegExp(`^${QUEUE_FULL}\\s*$`),
    prefix: QUEUE_FULL,
    length: line(QUEUE_FULL),
    outcome: 'overloaded',
    detail: 'the queue of the revision is full',
  },
  {
    status: 503,
    fits: isError,
    body: new RegExp(`^${WAITED}\\s*$`),
    prefix: WAITED,
    length: line(WAITED),
    outcome: 'overloaded',
    detail: 'the call waited in the queue of the revision until its time was over',
  },
  {
    status: 503,
    fits: isTextOfEnvoy,
    body: /^no healthy upstream$/,
    prefix: 'no healthy upstream',
    length: () => 19,
    outcome: 'unreachable',
    detail: 'the ingress has no server for the service',
  },
  {
    status: 503,
    fits: isTextOfEnvoy,
    body: /reset reason: overflow\b/,
    prefix: NO_UPSTREAM,
    outcome: 'overloaded',
    detail: 'the ingress has as many connections and requests as it may',
  },
  {
    status: 503,
    fits: isTextOfEnvoy,
    body: /reset reason: (?:remote |local )?connection (?:failure|timeout)\b/,
    prefix: NO_UPSTREAM,
    outcome: 'unreachable',
    detail: 'the ingress could not connect to the service',
  },
  {
    status: 503,
    fits: isTextOfEnvoy,
    body: ANYTHING,
    prefix: NO_UPSTREAM,
    outcome: 'reset',
    detail: 'the ingress lost the connection to the service',
  },
  {
    status: 404,
    fits: isError,
    body: ANYTHING,
    prefix: NO_ENDPOINT,
    outcome: 'not-found',
    detail: 'the platform does not know the revision',
  },
  {
    status: 404,
    fits: (head) => isOfEnvoy(head) && !head.headers.has('content-type'),
    body: EMPTY,
    prefix: '',
    length: () => 0,
    outcome: 'not-found',
    detail: 'the ingress knows no service of that host',
  },
  {
    status: 500,
    fits: isError,
    body: ANYTHING,
    prefix: NO_ENDPOINT,
    outcome: 'unreachable',
    detail: 'the platform could not look up where the revision runs',
  },
  ...[REQUEST_TIMEOUT, `activator ${REQUEST_TIMEOUT}`].map(
    (text): Saying => ({
      status: 504,
      fits: isText,
      body: new RegExp(`^${text}\\s*$`),
      prefix: text,
      length: () => text.length,
      outcome: 'timeout',
      detail: 'the time-out of the revision has passed',
    }),
  ),
  {
    status: 504,
    fits: isTextOfEnvoy,
    body: /^upstream request timeout$/,
    prefix: 'upstream request timeout',
    length: () => 24,
    outcome: 'timeout',
    detail: 'the time-out of the ingress has passed',
  },
  {
    // The sidecar and the function share an address: who breaks off there is the function, not the network.
    status: 502,
    fits: isError,
    body: /^EOF\s*$/,
    prefix: 'EOF',
    length: line('EOF'),
    outcome: 'function-error',
    detail: 'the function broke off before it answered',
  },
  {
    status: 502,
    fits: isError,
    body: /^(?:read|write) tcp (?:127\.0\.0\.1|\[::1\]):\d+->/,
    prefix: '',
    outcome: 'function-error',
    detail: 'the function broke off before it answered',
  },
  {
    status: 502,
    fits: isError,
    body: /^net\/http: HTTP\/1\.x transport connection broken: |^malformed HTTP |^malformed MIME /,
    prefix: '',
    outcome: 'malformed',
    detail: 'the function does not speak HTTP',
  },
  {
    // Also refused connections: which of several hops was refused is not said.
    status: 502,
    fits: isError,
    body: /^(?:dial|read|write) tcp |^(?:unexpected EOF|context canceled|http2?: )/,
    prefix: '',
    outcome: 'reset',
    detail: 'the platform lost the connection to the function',
  },
])
