import { costQuestion } from '../support/cost-question.ts'
import { HAPROXY, HTTP_PROXY, NGINX, NODE_UNDICI } from '../support/program.ts'
import { EXPRESS, PATH, STANDARD } from './gateways.ts'

export const question = costQuestion({
  name: 'json-get',
  asks: 'What does a secured GET with an answer of 91 bytes cost, against proxies that check nothing?',
  load: { path: PATH },
  programs: [HTTP_PROXY, STANDARD, EXPRESS, NODE_UNDICI, NGINX, HAPROXY],
})
