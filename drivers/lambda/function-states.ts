import type { DeploymentFacts, DeploymentState } from '../../gateway/contract/driver.ts'
import { functionPath } from './function-name.ts'
import { isObject } from './result.ts'
import type { AwsService, ServiceAnswer } from './service.ts'

/** What is known of a function is believed for so long. */
const FRESH_MS = 60_000

/** Functions that are asked for at once, and in one inventory: AWS allows 100 a second for the whole account. */
const AT_ONCE = 4
const MOST = 40

interface Known {
  readonly ready: boolean
  readonly limit: number | null
  readonly askedAt: number
}

/** The state of functions by GetFunction, which tells of one function what ListFunctions leaves out of all. */
export class FunctionStates {
  readonly #lambda: AwsService
  /** By name; null where asking is not allowed. */
  readonly #known = new Map<string, Known | null>()

  constructor(lambda: AwsService) {
    this.#lambda = lambda
  }

  /**
   * Those that are known, the ones asked longest ago asked again. Functions that must not be asked for are left out.
   *
   * @throws Error When Lambda does not answer.
   */
  async of(
    deployments: readonly DeploymentFacts[],
    signal: AbortSignal | undefined,
  ): Promise<DeploymentState[]> {
    const names = new Set(deployments.map(({ name }) => name))
    for (const name of this.#known.keys()) if (!names.has(name)) this.#known.delete(name)
    const due = [...names].filter((name) => this.#isDue(name)).slice(0, MOST)
    const asked = due.values()
    await Promise.all(
      Array.from({ length: AT_ONCE }, async () => {
        for (const name of asked) await this.#ask(name, signal)
      }),
    )
    return deployments.flatMap(({ organization, name }) => {
      const known = this.#known.get(name) ?? null
      return known === null
        ? []
        : [{ organization, name, ready: known.ready, replicas: null, limit: known.limit }]
    })
  }

  #isDue(name: string): boolean {
    const known = this.#known.get(name)
    return known === undefined || (known !== null && Date.now() - known.askedAt >= FRESH_MS)
  }

  async #ask(name: string, signal: AbortSignal | undefined): Promise<void> {
    const path = functionPath(name)
    const answer = await this.#lambda.ask({ method: 'GET', path }, signal)
    if (answer.status === 403) this.#known.set(name, null)
    else if (answer.status === 404) this.#known.set(name, { ready: false, limit: null, askedAt: Date.now() })
    else if (answer.status === 200) this.#known.set(name, readFunction(answer))
  }
}

/** An inactive function is woken by a call. One that is updated serves on with what it was. */
function readFunction({ body }: ServiceAnswer): Known {
  const fields = isObject(body) ? body : {}
  const configuration = isObject(fields['Configuration']) ? fields['Configuration'] : {}
  const concurrency = isObject(fields['Concurrency']) ? fields['Concurrency'] : {}
  const reserved = concurrency['ReservedConcurrentExecutions']
  const state = configuration['State']
  return {
    ready: state !== 'Pending' && state !== 'Failed' && reserved !== 0,
    limit: typeof reserved === 'number' && Number.isSafeInteger(reserved) && reserved > 0 ? reserved : null,
    askedAt: Date.now(),
  }
}
