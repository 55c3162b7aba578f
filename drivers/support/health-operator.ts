import type { Operator, ProbeResult } from '../../gateway/contract/driver.ts'
import { HealthProbe, type HealthProbeOptions } from './health-probe.ts'

/** Of a platform of which nothing is looked after but whether it is there. */
export class HealthOperator implements Operator {
  readonly #health: HealthProbe

  constructor(options: HealthProbeOptions) {
    this.#health = new HealthProbe(options)
  }

  async open(): Promise<void> {}

  probe(signal?: AbortSignal): Promise<ProbeResult> {
    return this.#health.probe(signal)
  }

  close(): Promise<void> {
    return this.#health.close()
  }
}

/** From 200 to 399, as the probes of Kubernetes. */
export function saysReady(status: number): boolean {
  return status >= 200 && status < 400
}
