import { costQuestion } from '../support/cost-question.ts'
import { gateway } from '../support/program.ts'
import { EXPRESS, PATH, STANDARD } from './gateways.ts'

const NOBODY = { path: PATH, anonymous: true, expectedStatus: 401 }
const NOWHERE = { path: '/no/such/route', expectedStatus: 404 }
const express = { lane: 'express', transport: 'wire' } as const

export const question = costQuestion({
  name: 'refusals',
  asks: 'What does a refusal cost (401 without a token, 404 without a route), against a call that is served?',
  load: { path: PATH },
  programs: [
    EXPRESS,
    { program: gateway('401, express', express), load: NOBODY },
    { program: gateway('404, express', express), load: NOWHERE },
    { program: gateway('401, standard'), load: NOBODY },
    { program: gateway('404, standard'), load: NOWHERE },
    STANDARD,
  ],
})
