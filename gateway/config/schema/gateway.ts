import { type Static, Type } from 'typebox'
import { Address, Cidr, Duration, Maybe, OrWord, Secret, Size } from '../../contract/option-types.ts'
import { DEFAULT_TRANSPORT, TRANSPORT_NAMES } from '../../contract/transport.ts'
import { type Frozen, Group, Names, Rule } from './fields.ts'
import { Https } from './https.ts'
import { Lanes } from './lanes.ts'

const Limits = Group(
  {
    uri: Size({
      default: '8KiB',
      min: '256B',
      max: '64KiB',
      description: 'Longest request target; longer ones get 414. RFC 9110 asks for at least 8000 octets.',
    }),
    headers: Size({
      default: '16KiB',
      min: '1KiB',
      max: '256KiB',
      description: 'All header fields of a request together; more get 431. The default is that of Node.',
    }),
    headerCount: Type.Integer({
      default: 128,
      minimum: 16,
      maximum: 1000,
      description: 'Header fields of one request; more get 431.',
    }),
    body: OrWord(Size({ description: 'Largest request body; larger ones get 413.' }), 'unlimited', {
      default: 'unlimited',
    }),
    replay: Size({
      default: '64KiB',
      max: '16MiB',
      description:
        'Largest request body that is kept in memory, so that the call can be tried again on another deployment. Larger bodies are streamed and sent once.',
    }),
    connections: Type.Integer({
      default: 10_000,
      minimum: 1,
      maximum: 1_000_000,
      description:
        'Open client connections of the whole gateway, over all its threads and listeners; further ones are closed at once.',
    }),
  },
  'What one client or request may use.',
)

const Timeouts = Group(
  {
    head: Duration({
      default: '10s',
      min: '100ms',
      description: 'Until the head of a request is complete; then 408. Guards against clients that trickle.',
    }),
    body: Duration({
      default: '60s',
      min: '100ms',
      description: 'Longest gap between two pieces of a request body or of an answer.',
    }),
    keepAlive: Duration({
      default: '72s',
      min: '1s',
      description:
        'An idle client connection is closed after this. Keep it above the idle time of whatever stands in front (Kong: 60 s), or calls will meet closing connections.',
    }),
  },
  'How long the gateway waits for clients. How long a function may take is `timeout` of the function.',
)

const WebSocket = Group(
  {
    message: Size({
      default: '1MiB',
      min: '1KiB',
      max: '64MiB',
      description:
        'Largest message, either way; a larger one ends the WebSocket with 1009. A message is held in memory until it is whole.',
    }),
    idle: Duration({
      default: '5m',
      min: '100ms',
      max: '1d',
      description: 'A WebSocket on which neither side sends anything for so long is closed with 1001.',
    }),
    lifetime: Duration({
      default: '2h',
      min: '100ms',
      max: '7d',
      description: 'A WebSocket that is open for so long is closed with 1001.',
    }),
    ping: OrWord(
      Duration({
        min: '50ms',
        max: '1h',
        description:
          'Time between two pings to both sides, or `off`. Answers to them keep the WebSocket from being idle; a side that is silent for `idle` ends it all the same.',
      }),
      'off',
      { default: 'off' },
    ),
  },
  'Bounds of WebSockets, on routes that allow them.',
)

const Drain = Group(
  {
    delay: Duration({
      default: '0s',
      max: '1h',
      description: 'Between "not ready" and the end of accepting, for balancers that poll readiness.',
    }),
    grace: Duration({
      default: '30s',
      max: '1h',
      description: 'Running calls may take this long to finish; then they are cut.',
    }),
  },
  'What happens on SIGTERM and SIGINT: readiness turns false, `delay` passes, no new connection is accepted, running calls finish within `grace`.',
)

export const GatewaySchema = Group(
  {
    http: OrWord(
      Address({ description: 'Where plain HTTP is served, or `off`. Only this machine by default.' }),
      'off',
      { default: '127.0.0.1:8080' },
    ),
    https: Maybe(Https),
    management: Group(
      {
        address: Address({
          default: '127.0.0.1:9090',
          description:
            'Where health, readiness, metrics and the management API are served; never on the address of functions.',
        }),
        token: Maybe(
          Secret({
            description:
              'Bearer token of the management API, at least 16 characters. Left out, one is made on start and kept in `.dispatch/`; that is allowed on loopback addresses only.',
          }),
        ),
      },
      'The management listener.',
    ),
    threads: OrWord(
      Type.Integer({
        minimum: 1,
        maximum: 64,
        description: 'Threads that serve calls, or `auto`: one per core.',
      }),
      'auto',
      { default: 'auto' },
    ),
    transport: Type.Enum([...TRANSPORT_NAMES], {
      default: DEFAULT_TRANSPORT,
      description:
        "How calls go out to backends: `undici`, the library, or `wire`, the gateway's own client of HTTP/1.1, which costs less.",
    }),
    trustedProxies: Names(Cidr({ description: 'Network of proxies.' }), {
      default: [],
      description:
        'Networks whose `X-Forwarded-*` headers are believed, one hop, and whose identity headers such as `X-Consumer-ID` reach functions; `identity.kong` hears these only. Nobody is believed by default.',
    }),
    hosts: Names(Rule('authority', { description: 'Host, or host and port.' }), {
      default: [],
      description: 'Own authorities for requests in absolute form, besides the hosts of routes.',
    }),
    lanes: Lanes,
    limits: Limits,
    timeouts: Timeouts,
    websocket: WebSocket,
    drain: Drain,
    heartbeat: Group(
      {
        timeout: Duration({
          default: '5s',
          min: '500ms',
          max: '10m',
          description: 'A thread that is silent for longer is replaced.',
        }),
      },
      'How threads are watched.',
    ),
    accessLog: Group(
      {
        enabled: Type.Boolean({ default: true, description: 'One JSON line per call on standard output.' }),
        sample: Type.Number({
          default: 1,
          minimum: 0,
          maximum: 1,
          description: 'Share of the calls that get a line.',
        }),
      },
      'The access log.',
    ),
    logLevel: Type.Enum(['debug', 'info', 'warn', 'error'], {
      default: 'info',
      description: 'Least severity of log lines, access log aside.',
    }),
    requestId: Group(
      {
        trust: Type.Boolean({
          default: true,
          description:
            'A well-formed `x-request-id` of the client is kept; otherwise each call gets a new one.',
        }),
      },
      'Ids of requests.',
    ),
    serverTiming: Type.Enum(['on-request', 'always', 'never'], {
      default: 'on-request',
      description:
        'When answers carry `server-timing`; `on-request`: when the client sends `Dispatch-Timing: 1`.',
    }),
    metrics: Group(
      {
        routes: Type.Integer({
          default: 1000,
          minimum: 0,
          maximum: 100_000,
          description: 'Routes with a label of their own in the metrics; the rest is counted as `other`.',
        }),
      },
      'Bounds of the metrics.',
    ),
  },
  'Listeners, limits and habits of the gateway itself.',
)

export type GatewayConfig = Frozen<Static<typeof GatewaySchema>>
