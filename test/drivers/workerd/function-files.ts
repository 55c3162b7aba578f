import { mkdirSync, writeFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { TestContext } from 'node:test'
import type { WorkerdOptions } from '../../../drivers/workerd.ts'
import type { DeploymentFacts } from '../../../gateway/contract/driver.ts'
import { type Asked, TestAttempt } from '../../conformance/driver/test-attempt.ts'
import { facts } from '../deployment-facts.ts'
import { WorkerdBackend } from '../workerd-backend.ts'

/** A folder of functions that lives as long as a test. */
export class FunctionFiles {
  readonly directory: string

  static async create(t: TestContext, files: Readonly<Record<string, string>>): Promise<FunctionFiles> {
    const folder = new FunctionFiles(await mkdtemp(join(tmpdir(), 'functions-')))
    t.after(() => rm(folder.directory, { recursive: true, force: true }))
    for (const [name, content] of Object.entries(files)) folder.write(name, content)
    return folder
  }

  private constructor(directory: string) {
    this.directory = directory
  }

  write(name: string, content: string): void {
    const path = join(this.directory, name)
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, content)
  }
}

/** A function that answers with this text. */
export const saying = (text: string) =>
  `export default { fetch: () => new Response(${JSON.stringify(text)}) }\n`

/** The driver with these files behind it, open. */
export async function backendFor(
  t: TestContext,
  files: Readonly<Record<string, string>>,
  deployments: readonly DeploymentFacts[],
  options: Partial<WorkerdOptions> = {},
): Promise<{ backend: WorkerdBackend; folder: FunctionFiles }> {
  const folder = await FunctionFiles.create(t, files)
  const backend = new WorkerdBackend({ ...options, directory: folder.directory }, deployments)
  t.after(() => backend.close())
  await backend.operator.open()
  return { backend, folder }
}

export function call(
  backend: WorkerdBackend,
  asked: Asked,
  deployment: DeploymentFacts = facts('hello'),
): Promise<TestAttempt> {
  return new TestAttempt(deployment, asked).run(backend.invoker).over()
}
