/** A function as the platform tells them apart. */
export interface FunctionName {
  readonly name: string
  /** Null for the platform's own. */
  readonly namespace: string | null
}

/** Name and namespace as the platform reads them. */
export function splitName(name: string, namespace: string | null): FunctionName {
  const dot = namespace === null ? name.lastIndexOf('.') : -1
  return dot <= 0 ? { name, namespace } : { name: name.slice(0, dot), namespace: name.slice(dot + 1) }
}
