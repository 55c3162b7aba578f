import type { KubernetesApi } from './api.ts'
import { KubernetesRefusal } from './refusal.ts'

/**
 * All objects of a kind that a platform brings. A list that is not found is that of a kind which the cluster does not
 * have, and the refusal says so.
 *
 * @param platform As it is said then, with the version of the kind.
 */
export async function listKind(
  api: KubernetesApi,
  path: string,
  platform: string,
  signal: AbortSignal | undefined,
  query: Readonly<Record<string, string>> = {},
): Promise<readonly unknown[]> {
  try {
    return await api.list(path, signal, query)
  } catch (error) {
    if (!(error instanceof KubernetesRefusal) || error.status !== 404) throw error
    throw new KubernetesRefusal(404, error.reason, `the cluster has no ${platform}`)
  }
}
