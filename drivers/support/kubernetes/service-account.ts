import { readFile } from 'node:fs/promises'
import { isIPv6 } from 'node:net'
import { join } from 'node:path'
import { type Access, type AccessSource, serverOf } from './access.ts'

/** Where Kubernetes puts the service account of a pod. */
const FOLDER = '/var/run/secrets/kubernetes.io/serviceaccount'

/** Access of the pod that the gateway runs in. Kubernetes replaces its token before it expires. */
export class ServiceAccount implements AccessSource {
  readonly #environment: Readonly<Record<string, string | undefined>>
  readonly #folder: string

  constructor(environment: Readonly<Record<string, string | undefined>> = process.env, folder = FOLDER) {
    this.#environment = environment
    this.#folder = folder
  }

  async read(): Promise<Access> {
    const host = this.#environment['KUBERNETES_SERVICE_HOST'] ?? ''
    const port = this.#environment['KUBERNETES_SERVICE_PORT'] ?? ''
    if (host === '' || port === '') {
      throw new Error('`inCluster` is for a gateway in a pod: KUBERNETES_SERVICE_HOST and _PORT are not set')
    }
    const server = serverOf(`https://${isIPv6(host) ? `[${host}]` : host}:${port}`)
    const [ca, token] = await Promise.all([this.#file('ca.crt'), this.#file('token')])
    const access = { server, ca, serverName: null, certificate: null, key: null, expiresAt: null }
    return { ...access, token: token.trim() }
  }

  async #file(name: string): Promise<string> {
    try {
      return await readFile(join(this.#folder, name), 'utf8')
    } catch (error) {
      const { code } = error as { code?: unknown }
      throw new Error(`the service account of the pod has no readable ${name} (${String(code)})`)
    }
  }
}
