import type { Operator, ProbeResult } from '../../gateway/contract/driver.ts'
import type { ConnectionOptions } from '../support/connection-options.ts'
import { HealthProbe } from '../support/health-probe.ts'

export interface HttpOperatorOptions extends ConnectionOptions {
  readonly url: string
  readonly credential: { readonly header: string; readonly value: string } | null
}

/** Asks a server at the path that its owner named whether it is there. */
export class HttpOperator implements Operator {
  readonly #health: HealthProbe

  /** @param path Begins with a slash. */
  constructor(options: HttpOperatorOptions, path: string) {
    const { url, credential } = options
    this.#health = new HealthProbe({
      origin: new URL(url).origin,
      path,
      headers: credential === null ? {} : { [credential.header]: credential.value },
      // As the probes of Kubernetes.
      isReady: (status) => status >= 200 && status < 400,
      connection: options,
    })
  }

  async open(): Promise<void> {}

  probe(signal?: AbortSignal): Promise<ProbeResult> {
    return this.#health.probe(signal)
  }

  close(): Promise<void> {
    return this.#health.close()
  }
}
