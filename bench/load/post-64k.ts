import { costQuestion } from '../support/cost-question.ts'
import { HAPROXY, HTTP_PROXY, NGINX, NODE_UNDICI } from '../support/program.ts'
import { EXPRESS, PATH, STANDARD } from './gateways.ts'

export const question = costQuestion({
  name: 'post-64k',
  asks: 'What does a secured POST of 64 KB cost?',
  load: {
    path: PATH,
    method: 'POST',
    body: Buffer.alloc(65536, 'x'),
    headers: { 'content-type': 'application/octet-stream' },
  },
  programs: [HTTP_PROXY, STANDARD, EXPRESS, NODE_UNDICI, NGINX, HAPROXY],
})
