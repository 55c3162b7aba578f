import { Type } from 'typebox'
import type { DeploymentFacts, DriverDefinition, Invoker } from '../../gateway/contract/driver.ts'
import type { CallOutcome } from '../../gateway/contract/outcome.ts'
import type { DriverPlatform } from '../conformance/driver/subject.ts'
import type { CaseName, Conformance } from '../conformance/driver.ts'
import { openPipeline, type Pipeline, spyPlugin } from '../gateway/pipeline.ts'

/** What a client got of a fault, and what the gateway made of it. */
export interface Seen {
  readonly outcome: CallOutcome
  readonly status: number
  /** Of the problem document. */
  readonly code: string
}

/** Why a fault cannot be put to the test, or what it ends in, with a reason where the platform makes it so. */
export type Verdict = { readonly skipped: string } | { readonly seen: Seen; readonly because: string | null }

interface Fault {
  /** Which promise of a driver it is. */
  readonly promise: CaseName | null
  /** Has it happen to a call. */
  readonly run: (platform: FaultyPlatform) => Promise<Response>
}

/** The same faults on every platform. */
export const FAULTS: Readonly<Record<string, Fault>> = {
  refused: asked('nobody listens: unreachable', '/gone/echo'),
  reset: asked('the connection is reset before the head: reset', '/kit/fault/reset'),
  slow: asked(null, '/slow/hang'),
  full: {
    promise: 'the platform is full: overloaded, and not executed',
    run: (platform) => platform.askTwice('/busy/hang'),
  },
  crash: asked('the function crashes: function-error', '/kit/crash'),
  missing: asked('the platform does not know the function: not-found', '/unknown/echo'),
  malformed: asked('the answer is not valid HTTP: malformed', '/kit/fault/malformed'),
}

/** A fault that happens to a call at this path. */
function asked(promise: CaseName | null, path: string): Fault {
  return { promise, run: (platform) => platform.ask(path) }
}

/** Puts each fault to the test through the whole pipeline: what is seen is what a client gets. */
export async function seeFaults(conformance: Conformance): Promise<Record<string, Verdict>> {
  const platform = await FaultyPlatform.open(await conformance.create())
  try {
    const verdicts: Record<string, Verdict> = {}
    for (const [name, { promise, run }] of Object.entries(FAULTS)) {
      const skipped = promise === null ? undefined : conformance.skips?.[promise]
      if (skipped !== undefined) {
        verdicts[name] = { skipped }
        continue
      }
      const response = await run(platform)
      await response.text()
      const seen = {
        outcome: await platform.outcomeOf(response),
        status: response.status,
        code: response.headers.get('dispatch-error') ?? '',
      }
      const because = promise === null ? undefined : conformance.outcomes?.[promise]?.[1]
      verdicts[name] = { seen, because: because ?? null }
    }
    return verdicts
  } finally {
    await platform.close()
  }
}

const SLOW_MS = 250

class FaultyPlatform {
  readonly #pipeline: Pipeline
  readonly #platform: DriverPlatform
  readonly #gone: Invoker
  /** How each call ended, by its id. */
  readonly #outcomes: ReadonlyMap<string, CallOutcome>

  private constructor(
    pipeline: Pipeline,
    platform: DriverPlatform,
    gone: Invoker,
    outcomes: ReadonlyMap<string, CallOutcome>,
  ) {
    this.#pipeline = pipeline
    this.#platform = platform
    this.#gone = gone
    this.#outcomes = outcomes
  }

  static async open(platform: DriverPlatform): Promise<FaultyPlatform> {
    const { deployment, unknown = deployment, busy = deployment } = platform
    const gone = await platform.unreachable!()
    const outcomes = new Map<string, CallOutcome>()
    const spy = spyPlugin('ends', { log: (call, { outcome }) => void outcomes.set(call.id, outcome) })
    const functions = { kit: deployment, slow: deployment, unknown, busy, gone: deployment }
    const pipeline = await openPipeline(
      {
        backends: { there: { driver: 'there' }, gone: { driver: 'gone' } },
        functions: Object.fromEntries(
          Object.entries(functions).map(([name, facts]) => [name, functionOf(name, facts)]),
        ),
        routes: Object.keys(functions).map((name) => ({
          path: `/${name}/*`,
          rewrite: '/*',
          function: name,
          auth: 'none',
          plugins: { ends: {} },
        })),
      },
      spy,
      'standard',
      [lend('there', platform.invoker), lend('gone', gone)],
    )
    return new FaultyPlatform(pipeline, platform, gone, outcomes)
  }

  /** Not safe to repeat: what is seen is what one attempt ended in. */
  ask(path: string, signal = AbortSignal.timeout(9000)): Promise<Response> {
    return fetch(this.#pipeline.url + path, { method: 'POST', body: 'body', signal })
  }

  /** The second of two calls at once. */
  async askTwice(path: string): Promise<Response> {
    const leaving = new AbortController()
    const first = this.ask(`${path}?id=full`, leaving.signal)
    first.catch(() => {})
    for (;;) {
      const events = (await (await this.ask('/kit/events?id=full')).json()) as string[]
      if (events.includes('started')) break
    }
    const second = await this.ask(`${path}?id=full`)
    leaving.abort()
    return second
  }

  /** It is told once the last byte is written. */
  async outcomeOf(response: Response): Promise<CallOutcome> {
    const id = response.headers.get('x-request-id')!
    for (;;) {
      const outcome = this.#outcomes.get(id)
      if (outcome !== undefined) return outcome
      await new Promise(setImmediate)
    }
  }

  async close(): Promise<void> {
    this.#pipeline.close()
    await this.#gone.close()
    await this.#platform.close()
  }
}

function functionOf(name: string, facts: DeploymentFacts): object {
  const backend = name === 'gone' ? 'gone' : 'there'
  const timeout = name === 'slow' ? { timeout: `${SLOW_MS}ms` } : {}
  return { deployments: [{ backend, name: facts.name }], ...timeout }
}

/** A driver that lends an invoker that is there already. */
function lend(kind: string, invoker: Invoker): DriverDefinition {
  return {
    kind,
    status: 'experimental',
    description: 'Under test.',
    options: Type.Object({}),
    capabilities: { streaming: true, rawHttp: true },
    // Its owner closes it.
    invoker: () => ({
      invoke: (invocation, sink) => invoker.invoke(invocation, sink),
      close: async () => {},
    }),
  }
}
