/** The keywords of a schema that hold other schemas. */
interface Schema {
  readonly description?: string
  readonly written?: string
  readonly properties?: Readonly<Record<string, Schema>>
  readonly patternProperties?: Readonly<Record<string, Schema>>
  readonly items?: Schema
  readonly anyOf?: readonly Schema[]
}

/** Paths of fields in a schema of options that say nothing about themselves. */
export function undescribedFields(schema: unknown, path = ''): string[] {
  const { properties = {}, patternProperties = {}, items, anyOf = [] } = schema as Schema
  const parts = [
    ...Object.entries(properties).map(([name, field]) => [`${path}.${name}`, field] as const),
    ...Object.values(patternProperties).map((field) => [`${path}.*`, field] as const),
    ...(items === undefined ? [] : [[`${path}[]`, items] as const]),
  ]
  const here = parts.filter(([, field]) => !isDescribed(field)).map(([name]) => name)
  const below = parts.flatMap(([name, field]) => (isWhole(field) ? [] : undescribedFields(field, name)))
  return [
    ...here,
    ...below,
    ...anyOf.flatMap((branch) => (isWhole(branch) ? [] : undescribedFields(branch, path))),
  ]
}

/** A sentence, on the field or on one of its alternatives. */
function isDescribed({ description, anyOf = [] }: Schema): boolean {
  return description === undefined ? anyOf.some(isDescribed) : /^[A-Z`0-9].*[.)]$/.test(description)
}

/** One value for people, whatever its parts are, such as an address. */
function isWhole({ written }: Schema): boolean {
  return written !== undefined
}
