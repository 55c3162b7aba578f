import { costQuestion } from '../support/cost-question.ts'
import { gateway } from '../support/program.ts'
import { EXPRESS, PATH, STANDARD } from './gateways.ts'

export const question = costQuestion({
  name: 'tls',
  asks: 'What does TLS add to a call on a connection that is open?',
  load: { path: PATH },
  programs: [
    EXPRESS,
    gateway('dispatch, express + wire, TLS', { lane: 'express', transport: 'wire', tls: true }),
    STANDARD,
    gateway('dispatch, standard + undici, TLS', { lane: 'standard', transport: 'undici', tls: true }),
  ],
  notes: ['TLS 1.3 with a P-256 certificate; handshakes are not counted, connections are kept.'],
})
