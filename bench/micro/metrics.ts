import { SharedMemory } from '../../gateway/capacity/shared-memory.ts'
import { SeriesFactory } from '../../gateway/observe/series.ts'
import type { Micro } from './micro.ts'

/** What does it cost to count a call and its attempt? */
export const micro: Micro = {
  name: 'metrics of a call',
  prepare() {
    const factory = new SeriesFactory(new SharedMemory(), 1, 0)
    const routes = Array.from({ length: 8 }, (_, i) => factory.route(`route-${i}`, ['a', 'b', 'c']))
    return (i) => {
      const series = routes[i & 7]!
      series.attempted(i % 3, 'answered', 1 + (i % 40))
      series.record(i % 3, 'answered', 200, 0.02, 1 + (i % 40), 1.5 + (i % 40), 0, 91)
      return 1
    }
  },
}
