import type { Contender } from '../support/interleave.ts'
import { gateway, HTTP_PROXY, type Program } from '../support/program.ts'
import type { Accepted } from './accepted.ts'
import type { Budgets } from './budgets.ts'
import type { Figure } from './guarded-run.ts'

const LOAD = { path: '/route-500/orders?limit=10' }

/** What the guard looks at: this gateway on each lane with each transport, against the baseline of the budgets. */
export function guardedFigures(budgets: Budgets, accepted: Accepted | null): Figure[] {
  const httpProxy = contender(HTTP_PROXY)
  const express = contender(gateway('express + wire', { lane: 'express', transport: 'wire' }))
  const manyRoutes = gateway('express + wire, 10 000 routes', {
    lane: 'express',
    transport: 'wire',
    routes: 10_000,
  })
  const pairs: readonly (readonly [Contender, Contender])[] = [
    [contender(gateway('standard + undici', { lane: 'standard', transport: 'undici' })), httpProxy],
    [contender(gateway('standard + wire', { lane: 'standard', transport: 'wire' })), httpProxy],
    [contender(gateway('express + undici', { lane: 'express', transport: 'undici' })), httpProxy],
    [express, httpProxy],
    [contender(manyRoutes), express],
  ]
  return pairs.map(([one, baseline]) => {
    const { name } = one.program
    return {
      name,
      contender: one,
      baseline,
      budget: budgets.load[name] ?? null,
      accepted: accepted?.figures[name] ?? null,
    }
  })
}

function contender(program: Program): Contender {
  return { program, load: LOAD }
}
