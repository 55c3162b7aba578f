import { type Static, type TSchema, type TUnsafe, Type } from 'typebox'

/**
 * TypeBox types for what people write in the configuration: `10s`, `64KiB`, `{ env: NAME }`. Each is a schema of the
 * *loaded* value, which is what `Static` gives; the keyword `written` tells the loader how to convert what was written.
 * Defaults and bounds are given as people write them. Use them in `options` of drivers and plugins, beside TypeBox's own types:
 *
 *     const Options = Type.Object({ window: Duration({ description: 'Length of a window.', default: '1m', min: '1s' }) })
 *     type Options = Static<typeof Options>   // { window: number }, in milliseconds
 *
 * A field with a default may be left out and is complete after load. For "absent" as a value use `Maybe`.
 */

/** How a value is written, where that differs from how it is held. */
export type WrittenForm =
  | 'duration'
  | 'size'
  | 'secret'
  | 'text'
  | 'url'
  | 'address'
  | 'cidr'
  | 'moment'
  | 'path'
  | 'header-name'
  | 'word'

interface FieldOptions<Default = string> {
  /** For the reference page: what it is, and why the default is what it is. One to three sentences. */
  readonly description: string
  /** Used when the field is left out; as written. Without one the field is required, unless it is `Type.Optional`. */
  readonly default?: Default
}

interface BoundedOptions extends FieldOptions {
  /** Least value allowed, as written. */
  readonly min?: string
  /** Greatest value allowed, as written. */
  readonly max?: string
}

/** `250ms`, `10s`, `5m`, `1h`, `1d`; held as a whole number of milliseconds. */
export function Duration(options: BoundedOptions): TUnsafe<number> {
  return Type.Unsafe<number>({ type: 'integer', minimum: 0, written: 'duration', ...options })
}

/** `500B`, `64KiB`, `10MiB`, `1GiB`, `1MB`; held as a whole number of bytes. */
export function Size(options: BoundedOptions): TUnsafe<number> {
  return Type.Unsafe<number>({ type: 'integer', minimum: 0, written: 'size', ...options })
}

/** `{ env: NAME }` or `{ file: path }`, never inline; held as the string, without the file's last newline. Never shown. */
export function Secret(options: FieldOptions<never>): TUnsafe<string> {
  return Type.Unsafe<string>({ type: 'string', written: 'secret', ...options })
}

/** Long public text such as a certificate: inline, `{ env: NAME }` or `{ file: path }`; held as the string. */
export function Text(options: FieldOptions): TUnsafe<string> {
  return Type.Unsafe<string>({ type: 'string', written: 'text', ...options })
}

interface UrlOptions extends FieldOptions {
  /** Schemes allowed, without the colon. Default `http` and `https`. */
  readonly schemes?: readonly string[]
  /** Refuses a path, a query and a fragment: scheme, host and port only. Default false. */
  readonly origin?: boolean
  /** Allows `http` towards this machine only. Default false. */
  readonly secure?: boolean
}

/**
 * Absolute URL without credentials and fragment; held as `new URL` writes it, an `origin` without its final slash.
 * Credentials in a URL would end up in logs: take them as a `Secret`.
 */
export function Url(options: UrlOptions): TUnsafe<string> {
  return Type.Unsafe<string>({ type: 'string', written: 'url', ...options })
}

/** `host:port`, `[::1]:port`, or `:port` for every address of the machine (held as host `::`). */
export interface SocketAddress {
  readonly host: string
  readonly port: number
}

export function Address(options: FieldOptions): TUnsafe<SocketAddress> {
  return Type.Unsafe<SocketAddress>({
    type: 'object',
    properties: { host: { type: 'string' }, port: { type: 'integer', minimum: 0, maximum: 65535 } },
    required: ['host', 'port'],
    written: 'address',
    ...options,
  })
}

/** Network such as `10.0.0.0/8` or `2001:db8::/32`, or one address; held as `address/bits` with the host bits cleared. */
export function Cidr(options: FieldOptions): TUnsafe<string> {
  return Type.Unsafe<string>({ type: 'string', written: 'cidr', ...options })
}

/** Date and time with its offset from UTC (RFC 3339), `2027-01-01T00:00:00Z`; held as milliseconds since 1970. */
export function Moment(options: FieldOptions): TUnsafe<number> {
  return Type.Unsafe<number>({ type: 'integer', written: 'moment', ...options })
}

interface PathOptions extends FieldOptions {
  /** What must be there when the configuration is loaded; `any` also allows nothing. Default `any`. */
  readonly exists?: 'file' | 'folder' | 'any'
}

/** Path in the file system, relative to the configuration file; held as an absolute path. */
export function Path(options: PathOptions): TUnsafe<string> {
  return Type.Unsafe<string>({ type: 'string', written: 'path', ...options })
}

/** Name of an HTTP field (RFC 9110, 5.1); held in lower case. */
export function HeaderName(options: FieldOptions): TUnsafe<string> {
  return Type.Unsafe<string>({ type: 'string', written: 'header-name', ...options })
}

/** The field may be left out, or written as an empty value: held as null. The description is that of the schema. */
export function Maybe<Schema extends TSchema>(schema: Schema): TUnsafe<Static<Schema> | null> {
  return Type.Unsafe<Static<Schema> | null>({ anyOf: [schema, { type: 'null' }], default: null })
}

interface OrWordOptions {
  /** Default as written: the word, or what the schema takes. Wins over the schema's own. */
  readonly default?: string | number
}

/** Either what the schema says or one word, such as `off`, `auto` or `unlimited`, that is held as null. */
export function OrWord<Schema extends TSchema>(
  schema: Schema,
  word: string,
  options: OrWordOptions = {},
): TUnsafe<Static<Schema> | null> {
  const fallback = options.default ?? ('default' in schema ? schema.default : undefined)
  return Type.Unsafe<Static<Schema> | null>({
    anyOf: [schema, { type: 'null', written: 'word', word }],
    ...(fallback === undefined ? {} : { default: fallback }),
  })
}
