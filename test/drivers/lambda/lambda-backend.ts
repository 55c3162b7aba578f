import type { TestContext } from 'node:test'
import type { LambdaOptions } from '../../../drivers/lambda/options.ts'
import type { Invoker } from '../../../gateway/contract/driver.ts'
import { type Asked, TestAttempt } from '../../conformance/driver/test-attempt.ts'
import { acmeFacts } from '../deployment-facts.ts'
import { invokerHost, KeptLog } from '../driver-hosts.ts'
import { lambdaInvoker } from '../lambda-conformance.ts'
import { type LambdaFunction, LambdaPlatform } from '../lambda-platform.ts'

/** A platform and an invoker that has the credentials for it. */
export class LambdaBackend {
  readonly platform = new LambdaPlatform()
  readonly log = new KeptLog()
  readonly #t: TestContext
  endpoint = ''

  private constructor(t: TestContext) {
    this.#t = t
  }

  static async open(t: TestContext, functions: Readonly<Record<string, LambdaFunction['run']>>) {
    const backend = new LambdaBackend(t)
    for (const [name, run] of Object.entries(functions)) backend.platform.deploy(name, { run })
    backend.endpoint = await backend.platform.listen()
    t.after(() => backend.platform.close())
    return backend
  }

  invoker(options: Partial<LambdaOptions> = {}, expiresAt: number | null = null): Invoker {
    const host = invokerHost(this.log)
    const invoker = lambdaInvoker({ endpoint: this.endpoint, ...options }, host, expiresAt)
    this.#t.after(() => invoker.close())
    return invoker
  }

  ask(name: string, asked: Asked, options: Partial<LambdaOptions> = {}): Promise<TestAttempt> {
    return new TestAttempt(acmeFacts(name), asked).run(this.invoker(options)).over()
  }
}

/** A function that gives its result as it is. */
export const resulting =
  (result: string): LambdaFunction['run'] =>
  (_event, replies) =>
    replies.result(result)
