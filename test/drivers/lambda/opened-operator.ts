import type { TestContext } from 'node:test'
import type { LambdaFacts } from '../../../drivers/lambda/facts.ts'
import type { LambdaOptions } from '../../../drivers/lambda/options.ts'
import { driver } from '../../../drivers/lambda.ts'
import type { Operator } from '../../../gateway/contract/driver.ts'
import { acmeFacts } from '../deployment-facts.ts'
import { KeptLog, lambdaOptions, operatorHost } from '../driver-hosts.ts'
import { KEY } from '../lambda-platform.ts'
import { openOperator } from '../open-driver.ts'

export const OWN = { accessKeyId: KEY.accessKeyId, secretAccessKey: KEY.secretAccessKey, sessionToken: null }

export interface Opened {
  readonly operator: Operator
  readonly announced: LambdaFacts[]
  readonly options: LambdaOptions
  readonly log: KeptLog
}

/** An operator that is open until the test is over, and what it announced. */
export async function open(
  t: TestContext,
  options: Partial<LambdaOptions>,
  names: string[] = [],
): Promise<Opened> {
  const announced: LambdaFacts[] = []
  const log = new KeptLog()
  const complete = lambdaOptions({ endpoint: 'http://127.0.0.1:1', ...options })
  const announce = (said: unknown) => announced.push(said as LambdaFacts)
  const host = operatorHost({ deployments: names.map(acmeFacts), log, announce })
  const operator = await openOperator(t, driver, complete, host)
  return { operator, announced, options: complete, log }
}

/** Sets variables of the environment, which the chain of the SDK reads, until the test is over. */
export function environment(t: TestContext, variables: Readonly<Record<string, string>>): void {
  const before = { ...process.env }
  for (const name of Object.keys(process.env)) if (name.startsWith('AWS_')) delete process.env[name]
  Object.assign(process.env, { AWS_EC2_METADATA_DISABLED: 'true', ...variables })
  t.after(() => {
    for (const name of Object.keys(process.env)) if (!(name in before)) delete process.env[name]
    Object.assign(process.env, before)
  })
}
