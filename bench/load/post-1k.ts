import { costQuestion } from '../support/cost-question.ts'
import { HAPROXY, HTTP_PROXY, NGINX, NODE_UNDICI } from '../support/program.ts'
import { EXPRESS, PATH, STANDARD } from './gateways.ts'

export const question = costQuestion({
  name: 'post-1k',
  asks: 'What does a secured POST of 1 KB cost?',
  load: {
    path: PATH,
    method: 'POST',
    body: Buffer.alloc(1024, 'x'),
    headers: { 'content-type': 'application/octet-stream' },
  },
  programs: [HTTP_PROXY, STANDARD, EXPRESS, NODE_UNDICI, NGINX, HAPROXY],
})
