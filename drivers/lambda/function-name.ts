/** Name, `name:qualifier`, partial or full ARN, as in the service model of 2015-03-31. */
const FUNCTION =
  /^(?:arn:aws[a-zA-Z-]*:lambda:(?<region>[a-z]{2,}(?:-[a-z]+)+-\d):)?(?:\d{12}:)?(?:function:)?[a-zA-Z0-9_-]{1,64}(?::(?:\$LATEST(?:\.PUBLISHED)?|[a-zA-Z0-9_-]{1,128}))?$/

/**
 * Refuses a name that Lambda would not take, and a full ARN of another region than the one that is signed for.
 *
 * @throws Error With a sentence for the operator.
 */
export function checkFunctionName(name: string, region: string): void {
  const match = FUNCTION.exec(name)
  if (match === null) {
    throw new Error(
      `${JSON.stringify(name)} is not the name of a Lambda function: NAME, NAME:ALIAS, NAME:VERSION or an ARN`,
    )
  }
  const named = match.groups?.['region']
  if (named !== undefined && named !== region) {
    throw new Error(`the function is in ${named}, the backend in ${region}`)
  }
}

/** Path of a function in the API. @param name With or without a qualifier, or an ARN. */
export function functionPath(name: string): string {
  return `/2015-03-31/functions/${encodeURIComponent(name)}`
}

/** Path of the environments that are kept ready for a version or an alias. */
export function provisionedPath(name: string, qualifier: string): string {
  const query = `Qualifier=${encodeURIComponent(qualifier)}`
  return `/2019-09-30/functions/${encodeURIComponent(name)}/provisioned-concurrency?${query}`
}

export interface QualifiedName {
  /** Name alone, as lists have it. */
  readonly name: string
  /** Alias or version; null for none and for `$LATEST`, which are the same. */
  readonly qualifier: string | null
}

/** @param written Name that `checkFunctionName` accepts. */
export function splitName(written: string): QualifiedName {
  const bare = written
    .replace(/^arn:[^:]*:lambda:[^:]*:/, '')
    .replace(/^\d{12}:/, '')
    .replace(/^function:/, '')
  const [name = '', qualifier = null] = bare.split(':')
  return { name, qualifier: qualifier?.startsWith('$LATEST') ? null : qualifier }
}

/** True for a version, which never changes; other qualifiers are aliases. */
export function isVersion(qualifier: string): boolean {
  return /^\d+$/.test(qualifier)
}

/** Domains of the partitions that do not have that of all others, by the beginning of their regions. */
const DOMAINS: Readonly<Record<string, string>> = {
  'cn-': 'amazonaws.com.cn',
  'eusc-': 'amazonaws.eu',
  'us-iso-': 'c2s.ic.gov',
  'us-isob-': 'sc2s.sgov.gov',
  'us-isof-': 'csp.hci.ic.gov',
  'eu-isoe-': 'cloud.adc-e.uk',
}

/** `https://lambda.eu-central-1.amazonaws.com` */
export function regionalEndpoint(region: string, service = 'lambda'): string {
  const start = Object.keys(DOMAINS).find((each) => region.startsWith(each))
  return `https://${service}.${region}.${start === undefined ? 'amazonaws.com' : DOMAINS[start]}`
}
