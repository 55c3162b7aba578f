import { joinPath } from '../support/upstream-path.ts'

/** Path of a namespace in the API of the platform. */
export function namespacePath({ pathname }: URL, namespace: string): string {
  return joinPath(pathname, `/api/v1/namespaces/${encodeURIComponent(namespace)}`)
}

/** What the platform calls a key is the name and password of Basic authentication. */
export function basic(key: string): string {
  return `Basic ${Buffer.from(key).toString('base64')}`
}
