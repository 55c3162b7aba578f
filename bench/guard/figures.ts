import { gateway, HTTP_PROXY, NODE_UNDICI, type Program } from '../support/program.ts'
import type { Accepted } from './accepted.ts'
import type { Budgets } from './budgets.ts'
import type { Figure } from './guarded-run.ts'

/**
 * What the guard looks at: this gateway on each lane with each transport, and with many routes. Budgets are ratios to the
 * baseline that they name. Changes are ratios to the least that node:http and undici cost, of which two starts differ by 2 %;
 * those of `@fastify/http-proxy` differ by 7 %.
 */
export function guardedFigures(budgets: Budgets, accepted: Accepted | null): Figure[] {
  const express = gateway('express + wire', { lane: 'express', transport: 'wire' })
  const manyRoutes = gateway('express + wire, 10 000 routes', {
    lane: 'express',
    transport: 'wire',
    routes: 10_000,
  })
  const contenders: readonly Program[] = [
    gateway('standard + undici', { lane: 'standard', transport: 'undici' }),
    gateway('standard + wire', { lane: 'standard', transport: 'wire' }),
    gateway('express + undici', { lane: 'express', transport: 'undici' }),
    express,
  ]
  const held = (contender: Program, baseline: Program): Figure => {
    const { name } = contender
    return { name, contender, baseline, budget: budgets.load[name] ?? null, accepted: null }
  }
  const compared = (contender: Program, baseline: Program): Figure => {
    const name = `${contender.name}, change`
    return { name, contender, baseline, budget: null, accepted: accepted?.figures[name] ?? null }
  }
  return [
    ...contenders.map((contender) => held(contender, HTTP_PROXY)),
    held(manyRoutes, express),
    ...contenders.map((contender) => compared(contender, NODE_UNDICI)),
    compared(manyRoutes, express),
  ]
}
