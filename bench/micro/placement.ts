import { place } from '../../gateway/placement/place.ts'
import { untried } from '../../gateway/placement/placing.ts'
import { compiled } from './compiled.ts'
import type { Micro } from './micro.ts'

/** What does it cost to choose a deployment, take its slot, note its answer and give the slot back? */
export function placing(candidates: number): Micro {
  return {
    name: `placement with ${candidates} ${candidates === 1 ? 'candidate' : 'candidates'}`,
    async prepare() {
      const snapshot = await compiled(1, candidates)
      const { placement } = [...snapshot.functions.values()][0]!
      const call = untried({ repeatable: true })
      const epoch = Date.now()
      return (i) => {
        const now = epoch + i / 100
        const deployment = place(placement, call, now)
        if (deployment === null) return Number.NaN
        deployment.observe('answered', 200, 5 + (i % 7), call.admission, now)
        deployment.release()
        return 1
      }
    },
  }
}
