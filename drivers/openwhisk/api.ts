import type { Log } from '../../gateway/contract/plugin.ts'
import type { Transport } from '../../gateway/contract/transport.ts'
import { joinPath } from '../support/upstream-path.ts'
import type { Namespace } from './activation-watch.ts'

/** Path of a namespace in the API of the platform. */
export function namespacePath({ pathname }: URL, namespace: string): string {
  return joinPath(pathname, `/api/v1/namespaces/${encodeURIComponent(namespace)}`)
}

/** Where the API is asked about a namespace, with its key. */
export function namespaceAt(
  url: URL,
  namespace: string,
  key: string,
  transport: Transport,
  log: Log,
): Namespace {
  const base = namespacePath(url, namespace)
  return { transport, log, origin: url.origin, base, authorization: basic(key) }
}

/** What the platform calls a key is the name and password of Basic authentication. */
export function basic(key: string): string {
  return `Basic ${Buffer.from(key).toString('base64')}`
}
