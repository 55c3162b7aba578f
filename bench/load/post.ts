import { costQuestion } from '../support/cost-question.ts'
import { HAPROXY, HTTP_PROXY, NGINX, NODE_UNDICI } from '../support/program.ts'
import type { Question } from '../support/question.ts'
import { EXPRESS, PATH, STANDARD } from './gateways.ts'

/** What does a secured POST cost? @param kilobytes Of its body. */
export function post(kilobytes: number): Question {
  return costQuestion({
    name: `post-${kilobytes}k`,
    asks: `What does a secured POST of ${kilobytes} KB cost?`,
    load: {
      path: PATH,
      method: 'POST',
      body: Buffer.alloc(kilobytes * 1024, 'x'),
      headers: { 'content-type': 'application/octet-stream' },
    },
    programs: [HTTP_PROXY, STANDARD, EXPRESS, NODE_UNDICI, NGINX, HAPROXY],
  })
}
