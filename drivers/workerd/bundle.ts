import { createHash } from 'node:crypto'
import { FunctionBroken, type ModuleReader, type SourceModule } from './module-reader.ts'

/** A function with every file of the folder that it imports. */
export interface Bundle {
  readonly functionName: string
  /** The first one is the function's own file. */
  readonly modules: readonly SourceModule[]
  /** The same for the same code. */
  readonly fingerprint: string
}

/** Of files that can be a function. */
export const ENDINGS = ['.js', '.mjs', '.ts', '.mts']

const MAX_MODULES = 1000

/**
 * Collects a function: `NAME.js`, `.mjs`, `.ts`, `.mts`, or one of these as `NAME/index`.
 *
 * @returns null when there is no such file.
 * @throws FunctionBroken When there is one that cannot be run.
 */
export async function collectBundle(reader: ModuleReader, functionName: string): Promise<Bundle | null> {
  const main = await findMain(reader, functionName)
  if (main === null) return null
  const modules: SourceModule[] = []
  const names = [main]
  for (const name of names) {
    const module = await reader.read(name)
    modules.push(module)
    for (const imported of module.imports) {
      if (names.includes(imported)) continue
      if (!(await reader.has(imported)))
        throw new FunctionBroken(`${name} imports ${imported}, which does not exist`)
      names.push(imported)
    }
    if (names.length > MAX_MODULES) throw new FunctionBroken(`${main} imports more than ${MAX_MODULES} files`)
  }
  if (!modules[0]!.hasDefault) {
    throw new FunctionBroken(`${main} has no default export: export default { fetch(request) { … } }`)
  }
  return { functionName, modules, fingerprint: fingerprint(modules) }
}

async function findMain(reader: ModuleReader, functionName: string): Promise<string | null> {
  const candidates = ENDINGS.flatMap((ending) => [
    `${functionName}${ending}`,
    `${functionName}/index${ending}`,
  ])
  const found: string[] = []
  for (const candidate of candidates) if (await reader.has(candidate)) found.push(candidate)
  if (found.length > 1) throw new FunctionBroken(`which is the function: ${found.join(' or ')}?`)
  return found[0] ?? null
}

function fingerprint(modules: readonly SourceModule[]): string {
  const hash = createHash('sha256')
  for (const { name, content } of modules) hash.update(`${name}\0${content.length}\0`).update(content)
  return hash.digest('base64url')
}
