import { globSync, readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { fileURLToPath } from 'node:url'

/** Folder of the repository, with a slash at its end. */
export const ROOT = fileURLToPath(new URL('../../', import.meta.url))

/** Folders whose code the rules are about. */
const FOLDERS = '{gateway,drivers,kong-plugins,bench,test}'

/** Every TypeScript file of the project, as paths from its root. */
export function sourceFiles(): string[] {
  return globSync(`${FOLDERS}/**/*.ts`, { cwd: ROOT })
    .filter((file) => !file.includes('node_modules'))
    .sort()
}

export interface Import {
  readonly from: string
  /** Path from the root; for packages their name. */
  readonly to: string
  readonly relative: boolean
}

const SPECIFIER =
  /^\s*(?:import|export)\b[^'"]*?from\s+['"]([^'"]+)['"]|^\s*import\s+['"]([^'"]+)['"]|\bimport\(\s*['"]([^'"]+)['"]/gm

/** What a file imports, types included. */
export function importsOf(file: string): Import[] {
  const text = readFileSync(join(ROOT, file), 'utf8')
  return [...text.matchAll(SPECIFIER)].map((match) => {
    const specifier = (match[1] ?? match[2] ?? match[3])!
    const relative = specifier.startsWith('.')
    return { from: file, to: relative ? normalize(join(dirname(file), specifier)) : specifier, relative }
  })
}
