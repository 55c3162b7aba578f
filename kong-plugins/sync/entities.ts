/** A value as JSON has it. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json }

/** Fields of an entity by name, as the Admin API takes and gives them. */
export type Fields = { readonly [field: string]: Json }

/**
 * Kinds of entities that we write, by their names in the Admin API, in the order in which they are written: what is
 * referred to comes first. They are deleted in the other direction. The service comes as early as it can, because it
 * carries the record of who wrote last.
 */
export const KINDS = [
  'ca_certificates',
  'certificates',
  'services',
  'upstreams',
  'targets',
  'snis',
  'routes',
  'plugins',
] as const

export type Kind = (typeof KINDS)[number]

/** The field that names an entity among its kind (within its upstream for targets); null where there is none. */
export const KEY_FIELD: Readonly<Record<Kind, string | null>> = {
  ca_certificates: null,
  certificates: null,
  services: 'name',
  upstreams: 'name',
  targets: 'target',
  snis: 'name',
  routes: 'name',
  plugins: 'instance_name',
}

/** Fields that refer to other entities: `{ id }`, or a list of ids. */
export const REFERENCES: Readonly<Record<Kind, Readonly<Record<string, Kind>>>> = {
  ca_certificates: {},
  certificates: {},
  services: { client_certificate: 'certificates', ca_certificates: 'ca_certificates' },
  upstreams: { client_certificate: 'certificates' },
  targets: { upstream: 'upstreams' },
  snis: { certificate: 'certificates' },
  routes: { service: 'services' },
  plugins: { service: 'services', route: 'routes' },
}

/** Fields that are Kong's own: never written, never compared. */
export const OWN_FIELDS: ReadonlySet<string> = new Set(['id', 'created_at', 'updated_at', 'tags'])

/** An entity as it should be. */
export interface DesiredEntity {
  readonly kind: Kind
  /** Made of owner, kind and name: the same for every gateway and every run. */
  readonly id: string
  /** For people; unique within the kind, and the value of its key field where it has one. */
  readonly name: string
  /** All but id and tags. */
  readonly fields: Fields
  /** Fields that are never shown; dots for what is inside: `config.keys`. */
  readonly secrets: readonly string[]
  /** SHA-256 of kind, id and fields, shortened: in its tags it says what was last applied. */
  readonly digest: string
}

/** All that should be in Kong. */
export interface DesiredState {
  readonly owner: string
  /** In the order of `KINDS`. */
  readonly entities: readonly DesiredEntity[]
  /** Of everything: two gateways with the same one want the same. */
  readonly digest: string
}

/** An entity as Kong has it. */
export interface LiveEntity {
  readonly kind: Kind
  readonly id: string
  readonly tags: readonly string[]
  /** As Kong gave it, with its own fields. */
  readonly fields: Fields
}

/** The value of its key field; its id where it has none. */
export function nameOf({ kind, id, fields }: LiveEntity): string {
  const field = KEY_FIELD[kind]
  const name = field === null ? null : fields[field]
  return typeof name === 'string' ? name : id
}
