/** A service, with the tag of a revision or without. */
const NAME = /^(?<service>[a-z]([-a-z0-9]{0,61}[a-z0-9])?)(?:@(?<tag>[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?))?$/

/** @throws Error With a sentence for the operator when it is no name of a service. */
export function checkName(name: string): void {
  if (!NAME.test(name)) {
    throw new Error(`${JSON.stringify(name)} is no service of Knative: SERVICE or SERVICE@TAG, lower-case`)
  }
}

/** The parts of a name that was checked. */
export function splitName(name: string): { readonly service: string; readonly tag: string | null } {
  const [service = '', tag = null] = name.split('@')
  return { service, tag }
}
