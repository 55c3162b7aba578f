import type { TestContext } from 'node:test'
import { credentialSourceOf } from '../../../drivers/lambda/facts.ts'
import type { LambdaOptions } from '../../../drivers/lambda/options.ts'
import { driver } from '../../../drivers/lambda.ts'
import type { Invoker } from '../../../gateway/contract/driver.ts'
import { type Asked, TestAttempt } from '../../conformance/driver/test-attempt.ts'
import { acmeFacts } from '../deployment-facts.ts'
import { invokerHost, KeptLog, lambdaOptions } from '../driver-hosts.ts'
import { KEY, type LambdaFunction, LambdaPlatform } from '../lambda-platform.ts'

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
    const complete = lambdaOptions({ endpoint: this.endpoint, ...options })
    const invoker = driver.invoker(complete, invokerHost(this.log))
    invoker.update!({ source: credentialSourceOf(complete), credentials: KEY, expiresAt })
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
