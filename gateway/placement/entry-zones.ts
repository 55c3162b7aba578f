import type { BackendConfig, PlacementConfig } from '../config/schema.ts'
import { isZone, regionOf } from '../constraints/zone.ts'

/** Where calls can come in: every place that the configuration names, and the regions of these. */
export class EntryZones {
  readonly #known = new Set<string>()

  constructor(placement: PlacementConfig, backends: readonly Pick<BackendConfig, 'zone'>[]) {
    const places = [
      placement.zone,
      ...backends.map(({ zone }) => zone),
      ...placement.distances.flatMap(({ between }) => between),
    ]
    for (const place of places) if (place !== null) this.#known.add(place).add(regionOf(place))
  }

  /** All of them, each once. */
  get all(): readonly string[] {
    return [...this.#known]
  }

  /**
   * The known place that a proxy in front names: the zone itself, else its region. Null when it means nothing here, or is
   * no zone.
   */
  resolve(text: string): string | null {
    if (this.#known.has(text)) return text
    if (!isZone(text)) return null
    const region = regionOf(text)
    return this.#known.has(region) ? region : null
  }
}
