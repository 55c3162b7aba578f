import { costQuestion } from '../support/cost-question.ts'
import { gateway, HTTP_PROXY } from '../support/program.ts'
import { EXPRESS, PATH, STANDARD } from './gateways.ts'

export const question = costQuestion({
  name: 'lanes-and-transports',
  asks: 'What does each lane cost with each transport?',
  load: { path: PATH },
  programs: [
    HTTP_PROXY,
    STANDARD,
    gateway('dispatch, standard + wire', { lane: 'standard', transport: 'wire' }),
    gateway('dispatch, express + undici', { lane: 'express', transport: 'undici' }),
    EXPRESS,
  ],
})
