import { costQuestion } from '../support/cost-question.ts'
import { gateway } from '../support/program.ts'
import { PATH } from './gateways.ts'

const express = { lane: 'express', transport: 'wire' } as const

export const question = costQuestion({
  name: 'observability',
  asks: 'What do the access log and timings in every answer add?',
  load: { path: PATH },
  programs: [
    gateway('neither', { ...express, serverTiming: 'never' }),
    gateway('access log', { ...express, serverTiming: 'never', accessLog: true }),
    gateway('server-timing', { ...express, serverTiming: 'always' }),
  ],
  notes: [
    'Metrics and trace context are always on. What they cost is in `bench/micro`: "metrics" and "trace context".',
    'The log goes to /dev/null; who reads it pays for itself.',
  ],
})
