import { type Field, type Fields, unpack } from './field.ts'
import type { Kind } from './kind.ts'
import { KINDS } from './kinds.ts'
import { missingReference, primaryKeyViolation, referenced, uniqueViolation } from './refusals.ts'

export type Entity = Fields & { id: string }

interface ForeignField {
  readonly kind: Kind
  readonly field: string
  readonly to: string
  readonly cascade: boolean
}

const FOREIGN: readonly ForeignField[] = KINDS.flatMap((kind) =>
  kind.fields
    .map(unpack)
    .filter(([, field]) => field.type === 'foreign')
    .map(([name, field]) => ({
      kind,
      field: name,
      to: field.reference!,
      cascade: field.on_delete === 'cascade' || kind.name === 'snis',
    })),
)

const uniqueKeys = (kind: Kind): string[][] => [
  ...kind.fields
    .map(unpack)
    .filter(([, field]: [string, Field]) => field.unique)
    .map(([name]) => [name]),
  ...(kind.uniqueTogether ?? []).map((fields) => [...fields]),
]

/** What Kong's database holds, with its constraints. Rows are replaced, never changed. */
export class Tables {
  readonly #rows = new Map<string, Map<string, Entity>>()
  readonly #unique = new Map<string, string>()
  readonly #sorted = new Map<string, Entity[]>()

  constructor() {
    for (const { name } of KINDS) this.#rows.set(name, new Map())
  }

  get(kind: Kind, id: string): Entity | undefined {
    return this.#rows.get(kind.name)!.get(id)
  }

  /** The one with that value in a unique field. */
  find(kind: Kind, field: string, value: string): Entity | undefined {
    const id = this.#unique.get(slot(kind, [field], { [field]: value })!)
    return id === undefined ? undefined : this.get(kind, id)
  }

  /** All of a kind in the order of their ids. */
  all(kind: Kind): Entity[] {
    let sorted = this.#sorted.get(kind.name)
    if (sorted === undefined) {
      sorted = [...this.#rows.get(kind.name)!.values()].sort((a, b) => (a.id < b.id ? -1 : 1))
      this.#sorted.set(kind.name, sorted)
    }
    return sorted
  }

  /** @throws Refusal When the id or a unique value is taken, or a reference leads nowhere. */
  insert(kind: Kind, entity: Entity): void {
    if (this.get(kind, entity.id)) throw primaryKeyViolation(entity.id)
    this.put(kind, entity)
  }

  /** Adds it, or puts it in the place of the one with its id. */
  put(kind: Kind, entity: Entity): void {
    this.#checkReferences(kind, entity)
    this.#checkUnique(kind, entity)
    const old = this.get(kind, entity.id)
    if (old) this.#forget(kind, old)
    this.#rows.get(kind.name)!.set(entity.id, entity)
    for (const fields of uniqueKeys(kind)) {
      const key = slot(kind, fields, entity)
      if (key !== null) this.#unique.set(key, entity.id)
    }
    this.#sorted.delete(kind.name)
  }

  /** Takes it away with all that hangs on it. */
  delete(kind: Kind, entity: Entity): void {
    for (const { kind: child, field, to, cascade } of FOREIGN) {
      if (to !== kind.name || cascade) continue
      if (this.pointingAt(child, field, entity.id).length > 0) throw referenced(kind.name, child.name)
    }
    for (const { kind: child, field, to, cascade } of FOREIGN) {
      if (to !== kind.name || !cascade) continue
      for (const dependant of this.pointingAt(child, field, entity.id)) this.delete(child, dependant)
    }
    this.#forget(kind, entity)
    this.#rows.get(kind.name)!.delete(entity.id)
  }

  /** Those of a kind whose reference leads to an id. */
  pointingAt(kind: Kind, field: string, id: string): Entity[] {
    return this.all(kind).filter((entity) => (entity[field] as Fields | null)?.['id'] === id)
  }

  #forget(kind: Kind, entity: Entity): void {
    for (const fields of uniqueKeys(kind)) {
      const key = slot(kind, fields, entity)
      if (key !== null) this.#unique.delete(key)
    }
    this.#sorted.delete(kind.name)
  }

  #checkReferences(kind: Kind, entity: Entity): void {
    for (const { kind: child, field, to } of FOREIGN) {
      const id = child === kind ? (entity[field] as Fields | null)?.['id'] : undefined
      if (typeof id === 'string' && !this.#rows.get(to)!.has(id)) throw missingReference(field, id, to)
    }
  }

  #checkUnique(kind: Kind, entity: Entity): void {
    for (const fields of uniqueKeys(kind)) {
      const key = slot(kind, fields, entity)
      const holder = key === null ? undefined : this.#unique.get(key)
      if (holder !== undefined && holder !== entity.id)
        throw uniqueViolation(Object.fromEntries(fields.map((field) => [field, entity[field] ?? null])))
    }
  }
}

/** Where an entity stands in a unique index; null when what makes it unique is absent. */
function slot(kind: Kind, fields: readonly string[], entity: Fields): string | null {
  const values = fields.map((field) => entity[field] ?? null)
  return values.every((value) => value === null) || values[0] === null
    ? null
    : JSON.stringify([kind.name, ...fields, ...values])
}
