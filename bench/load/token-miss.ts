import { costQuestion } from '../support/cost-question.ts'
import { gateway } from '../support/program.ts'
import { EXPRESS, PATH } from './gateways.ts'

export const question = costQuestion({
  name: 'token-miss',
  asks: 'What does a call cost whose token (RS256, 2048 bits) was never seen before?',
  load: { path: PATH },
  programs: [
    EXPRESS,
    gateway('every token new', { lane: 'express', transport: 'wire', everyTokenNew: true }),
  ],
  notes: ['The cache of tokens is off, so that each call verifies its signature.'],
})
