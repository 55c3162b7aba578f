import { costQuestion } from '../support/cost-question.ts'
import { HTTP_PROXY, NGINX } from '../support/program.ts'
import { EXPRESS, PATH, STANDARD } from './gateways.ts'

export const question = costQuestion({
  name: 'many-connections',
  asks: 'What does a call cost when it comes in over one of 1 000 busy connections?',
  load: { path: PATH, connections: 1000 },
  programs: [HTTP_PROXY, STANDARD, EXPRESS, NGINX],
})
