import type { Reading } from '../reading/reading.ts'
import type { Registry } from '../registry.ts'
import type { Document } from '../schema.ts'
import type { Written } from '../written.ts'
import { type IdentityFacts, identityFacts, organizationsIn } from './identity-facts.ts'
import { Places } from './places.ts'
import { keysAt, type Scope, scopesOf } from './scope.ts'

/** What the parts of a configuration share while they are put together. */
export class Assembly {
  readonly reading: Reading
  readonly registry: Registry
  readonly document: Document
  readonly root: Written
  readonly scopes: readonly Scope[]
  /** Names of all backends, of those with mistakes too. */
  readonly backendNames: readonly string[]
  /** Names of all organizations: of those that have functions, and of those that principals come from. */
  readonly organizations: ReadonlySet<string>
  readonly identity: IdentityFacts
  readonly places = new Places()

  constructor(reading: Reading, registry: Registry, document: Document, root: Written) {
    this.reading = reading
    this.registry = registry
    this.document = document
    this.root = root
    this.scopes = scopesOf(document, root)
    this.backendNames = keysAt(root, 'backends')
    this.identity = identityFacts(root)
    this.organizations = organizationsIn(root)
  }
}
