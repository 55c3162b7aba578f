import { costQuestion } from '../support/cost-question.ts'
import { HAPROXY, HTTP_PROXY, NGINX } from '../support/program.ts'
import { EXPRESS, STANDARD } from './gateways.ts'

export const question = costQuestion({
  name: 'streaming',
  asks: 'What does an answer cost that comes as 64 pieces of 1 KiB, each in a turn of its own?',
  load: { path: '/route-500/stream', connections: 16 },
  programs: [HTTP_PROXY, STANDARD, EXPRESS, NGINX, HAPROXY],
  notes: ['nginx and HAProxy gather pieces, so that fewer of them reach the client.'],
})
