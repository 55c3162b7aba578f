/** Numbers from 0 below 1 that only the seed decides (Mulberry32, Tommy Ettinger). */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    return mixed(state) / 2 ** 32
  }
}

/**
 * A number from 0 below 1 that belongs to a seed and three indexes, however many were asked for before: what happens to a
 * call on a platform does not depend on what the configuration did with others.
 */
export function seededAt(seed: number, one: number, two: number, three: number): number {
  let state = mixed(seed + 0x9e3779b9)
  state = mixed(state ^ Math.imul(one + 1, 0x85ebca6b))
  state = mixed(state ^ Math.imul(two + 1, 0xc2b2ae35))
  return mixed(state ^ Math.imul(three + 1, 0x27d4eb2f)) / 2 ** 32
}

function mixed(state: number): number {
  let t = Math.imul(state ^ (state >>> 15), state | 1)
  t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
  return (t ^ (t >>> 14)) >>> 0
}
