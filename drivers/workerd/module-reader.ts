import { readFile, stat } from 'node:fs/promises'
import { isBuiltin, stripTypeScriptTypes } from 'node:module'
import { extname, posix, resolve } from 'node:path'
import { init, parse } from 'es-module-lexer/minimal'

/** How workerd takes a file. */
export type ModuleKind = 'esModule' | 'json' | 'text' | 'wasm'

/** One file of a function, ready to be given to workerd. */
export interface SourceModule {
  /** Path within the folder, with slashes; also the name under which others import it. */
  readonly name: string
  readonly kind: ModuleKind
  readonly content: string | Buffer
  /** Names of the files of the folder that it imports. */
  readonly imports: readonly string[]
  readonly hasDefault: boolean
  /** Tells whether the file was written since. */
  readonly stamp: string
}

/** The code of a function cannot be run; the message says why in words for its author. */
export class FunctionBroken extends Error {}

const KINDS: Readonly<Record<string, ModuleKind>> = {
  '.js': 'esModule',
  '.mjs': 'esModule',
  '.ts': 'esModule',
  '.mts': 'esModule',
  '.json': 'json',
  '.txt': 'text',
  '.html': 'text',
  '.wasm': 'wasm',
}

/** A larger file is not source code. */
const MAX_FILE_BYTES = 32 * 1024 * 1024

/** Reads files of a folder; those that did not change since are read and parsed once. */
export class ModuleReader {
  readonly #directory: string
  readonly #read = new Map<string, SourceModule>()
  readonly #used = new Set<string>()

  constructor(directory: string) {
    this.#directory = directory
  }

  /** Whether there is such a file. */
  async has(name: string): Promise<boolean> {
    return (await this.#stamp(name)) !== null
  }

  /** @throws FunctionBroken When the file is not there or cannot be run. */
  async read(name: string): Promise<SourceModule> {
    this.#used.add(name)
    const stamp = await this.#stamp(name)
    if (stamp === null) throw new FunctionBroken(`${name} does not exist`)
    const known = this.#read.get(name)
    if (known !== undefined && known.stamp === stamp) return known
    const module = await this.#parse(name, stamp)
    this.#read.set(name, module)
    return module
  }

  /** Drops what was not read since the last time. */
  forgetUnused(): void {
    for (const name of this.#read.keys()) if (!this.#used.has(name)) this.#read.delete(name)
    this.#used.clear()
  }

  async #stamp(name: string): Promise<string | null> {
    try {
      const found = await stat(resolve(this.#directory, name))
      if (!found.isFile()) return null
      if (found.size > MAX_FILE_BYTES)
        throw new FunctionBroken(`${name} is larger than ${MAX_FILE_BYTES} bytes`)
      return `${found.ino}:${found.size}:${found.mtimeMs}`
    } catch (error) {
      const { code } = error as { code?: string }
      if (code === 'ENOENT' || code === 'ENOTDIR') return null
      throw error instanceof FunctionBroken ? error : new FunctionBroken(`${name} cannot be read (${code})`)
    }
  }

  async #parse(name: string, stamp: string): Promise<SourceModule> {
    const kind = KINDS[extname(name)]
    if (kind === undefined) {
      throw new FunctionBroken(`${name} has an ending that is none of ${Object.keys(KINDS).join(' ')}`)
    }
    const bytes = await readFile(resolve(this.#directory, name))
    const plain = { name, kind, content: bytes, imports: [], hasDefault: false, stamp }
    if (kind !== 'esModule') return plain
    const content = javascript(name, bytes.toString('utf8'))
    await init()
    const [imports, exports] = lex(name, content)
    const names = imports.map(({ n }) => n).filter((specifier) => specifier !== undefined)
    return {
      ...plain,
      content,
      imports: names.map((specifier) => resolveImport(name, specifier)).filter((found) => found !== null),
      hasDefault: exports.some(({ n }) => n === 'default'),
    }
  }
}

function javascript(name: string, source: string): string {
  if (!/\.m?ts$/.test(name)) return source
  const { emitWarning } = process
  // Node calls this experimental, once, on the standard error of whoever runs the gateway.
  process.emitWarning = () => {}
  try {
    return stripTypeScriptTypes(source, { mode: 'strip' })
  } catch (error) {
    throw new FunctionBroken(`${name}: ${(error as Error).message.split('\n')[0]}`)
  } finally {
    process.emitWarning = emitWarning
  }
}

function lex(name: string, source: string): ReturnType<typeof parse> {
  try {
    return parse(source, name)
  } catch (error) {
    const { idx = 0 } = error as { idx?: number }
    const line = source.slice(0, idx).split('\n').length
    throw new FunctionBroken(`${name}:${line}: this is not JavaScript`)
  }
}

/** Name of the file that an import means, or null for what the runtime brings. */
function resolveImport(importer: string, specifier: string): string | null {
  if (/^\.{0,2}\//.test(specifier)) {
    const name = posix.normalize(posix.join(posix.dirname(importer), specifier))
    if (specifier.startsWith('/') || name.startsWith('../')) {
      throw new FunctionBroken(`${importer} imports ${specifier}, which is outside the folder`)
    }
    return name
  }
  if (/^(node|cloudflare|workerd):/.test(specifier) || isBuiltin(specifier)) return null
  throw new FunctionBroken(`${importer} imports the package ${specifier}: bundle it into the file`)
}
