import { PlatformRefusal } from '../../../gateway/contract/lifecycle.ts'
import type { PlatformApi } from '../../../gateway/contract/platform-api.ts'
import type { Access } from './access.ts'
import type { KubernetesApi } from './api.ts'
import { tlsOf } from './connection.ts'

/** By these a caller would ask in the name of somebody else. */
const IDENTITY_FIELDS = ['impersonate-', 'x-remote-']

/** The part of a cluster's API that is lent to administrators: objects of one group in one namespace. */
export class LentApi {
  readonly #api: KubernetesApi
  readonly #path: string
  readonly #connectTimeoutMs: number
  #lent: PlatformApi | undefined
  #lentFor = ''

  /** @param path What requests stay below; begins with a slash. */
  constructor(api: KubernetesApi, path: string, connectTimeoutMs: number) {
    this.#api = api
    this.#path = path
    this.#connectTimeoutMs = connectTimeoutMs
  }

  /**
   * As it is reached at the moment, the same object while that stays the same. Undefined before there is access, and for
   * a server that has to prove another name than that of its URL.
   */
  get current(): PlatformApi | undefined {
    const { access } = this.#api
    if (access === null || access.serverName !== null) return undefined
    const reached = tlsOf(access)
    if (reached !== this.#lentFor) {
      this.#lent = this.#make(access)
      this.#lentFor = reached
    }
    return this.#lent
  }

  #make({ server, ca, certificate, key }: Access): PlatformApi {
    const { origin, pathname } = new URL(server)
    return {
      origin,
      base: pathname.replace(/\/$/, '') + this.#path,
      connection: { connectTimeoutMs: this.#connectTimeoutMs, ca, certificate, key },
      signedBodyBytes: 0,
      identityFields: IDENTITY_FIELDS,
      authorize: () => this.#authorize(),
    }
  }

  async #authorize(): Promise<Readonly<Record<string, string>>> {
    try {
      await this.#api.open()
    } catch (error) {
      throw new PlatformRefusal('failed', (error as Error).message)
    }
    const token = this.#api.access?.token ?? null
    return token === null ? {} : { authorization: `Bearer ${token}` }
  }
}
