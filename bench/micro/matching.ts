import { compiled } from './compiled.ts'
import type { Micro } from './micro.ts'

/** What does it cost to find the route of a path, all of them asked for in turn? */
export function matching(routes: number): Micro {
  return {
    name: `match among ${routes === 10_000 ? '10 000' : routes} routes`,
    async prepare() {
      const { router } = await compiled(routes, 1)
      const paths = Array.from({ length: routes }, (_, i) =>
        Buffer.from(`/route-${(i * 7919) % routes}/orders`),
      )
      // A new string each time, as from a socket: its hash is not known yet.
      return (i) =>
        router.match('api.example.com', 'GET', paths[i % routes]!.toString('latin1')) === null
          ? Number.NaN
          : 1
    },
  }
}
