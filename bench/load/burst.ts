import { costQuestion } from '../support/cost-question.ts'
import { gateway } from '../support/program.ts'
import { EXPRESS, PATH } from './gateways.ts'

export const question = costQuestion({
  name: 'burst',
  asks: 'What does a call cost that goes to the cloud because home is full?',
  load: { path: PATH },
  programs: [
    EXPRESS,
    gateway('home takes 3 of 64, the rest bursts', { lane: 'express', transport: 'wire', homeCalls: 1 }),
  ],
})
