import type { Document } from '../schema.ts'
import type { Written } from '../written.ts'

type WrittenOrganization = Document['organizations'][string]

/** One organization with what is written for it: the top level for `default`, else its part of `organizations`. */
export interface Scope {
  readonly organization: string
  readonly functions: WrittenOrganization['functions']
  readonly routes: WrittenOrganization['routes']
  /** What applies to all routes of the organization; nothing for `default`, which has `defaults`. */
  readonly plugins: WrittenOrganization['plugins']
  readonly auth?: WrittenOrganization['auth']
  /** The part of `organizations` that it was read from; none for `default`. */
  readonly written: WrittenOrganization | null
  /** Names of all its functions, of those with mistakes too. */
  readonly functionNames: ReadonlySet<string>
}

export const DEFAULT_ORGANIZATION = 'default'

/** Every organization, `default` first. */
export function scopesOf(document: Document, root: Written): Scope[] {
  const { functions, routes } = document
  const first: Scope = {
    organization: DEFAULT_ORGANIZATION,
    functions,
    routes,
    plugins: {},
    written: null,
    functionNames: new Set(keysAt(root, 'functions')),
  }
  const others = Object.entries(document.organizations).map(([organization, written]) => ({
    organization,
    ...written,
    written,
    functionNames: new Set(keysAt(root, 'organizations', organization, 'functions')),
  }))
  return [first, ...others]
}

/** Keys of a map in the file, whether or not their values are right. */
export function keysAt(root: Written, ...path: string[]): string[] {
  const found = writtenAt(root, ...path)
  return found?.kind === 'map' ? [...found.entries.keys()] : []
}

/** What stands at a path of the file. */
export function writtenAt(root: Written | undefined, ...path: string[]): Written | undefined {
  let at = root
  for (const key of path) at = at?.kind === 'map' ? at.entries.get(key)?.value : undefined
  return at
}
