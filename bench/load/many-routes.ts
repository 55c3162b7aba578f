import { costQuestion } from '../support/cost-question.ts'
import { gateway } from '../support/program.ts'
import { PATH } from './gateways.ts'

const express = { lane: 'express', transport: 'wire' } as const

export const question = costQuestion({
  name: 'many-routes',
  asks: 'Does a call cost more among 10 000 routes than among 1 000?',
  load: { path: PATH },
  programs: [
    gateway('1 000 routes', { ...express, routes: 1000 }),
    gateway('10 000 routes', { ...express, routes: 10_000 }),
  ],
  notes: ['Every call is for the same route; `bench/micro` matches all of them in turn.'],
})
