import type { WorkerdFacts } from '../../drivers/workerd/facts.ts'
import { driver, type WorkerdOptions } from '../../drivers/workerd.ts'
import type { DeploymentFacts, Invoker, Operator } from '../../gateway/contract/driver.ts'
import { invokerHost, KeptLog, workerdOptions } from './driver-hosts.ts'

/** Time in which anything that is waited for has to come. */
const PATIENCE_MS = 15_000

/** The workerd driver as the gateway holds it: operator and invoker, with what is announced passed from one to the other. */
export class WorkerdBackend {
  readonly log = new KeptLog()
  readonly invoker: Invoker
  readonly operator: Operator
  readonly announced: WorkerdFacts[] = []
  readonly #listeners = new Set<() => void>()

  constructor(
    options: Partial<WorkerdOptions> & { directory: string },
    deployments: readonly DeploymentFacts[],
  ) {
    const complete = workerdOptions(options)
    this.invoker = driver.invoker(complete, invokerHost(this.log))
    this.operator = driver.operator!(complete, {
      backend: 'test',
      deployments,
      configDirectory: complete.directory,
      log: this.log,
      announce: (facts) => {
        // As it is on its way to a thread.
        const copy = structuredClone(facts) as WorkerdFacts
        this.announced.push(copy)
        this.invoker.update!(copy)
        for (const listener of this.#listeners) listener()
      },
    })!
  }

  /** Address of a function as last announced. */
  address(name: string, organization = 'default'): string | null | undefined {
    return this.announced.at(-1)?.functions[organization]?.[name]
  }

  /** Waits for an announcement that makes this true. */
  async until(condition: () => boolean, what: string): Promise<void> {
    if (condition()) return
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => {
        const said = JSON.stringify([this.announced.at(-1), this.log.entries])
        reject(new Error(`${what} was not announced: ${said}`))
      }, PATIENCE_MS)
      const look = () => {
        if (!condition()) return
        clearTimeout(timer)
        this.#listeners.delete(look)
        resolve()
      }
      this.#listeners.add(look)
    })
  }

  async close(): Promise<void> {
    await this.invoker.close()
    await this.operator.close()
  }
}
