import type { FastifyReply } from 'fastify'

/** Aborted when the client has left, or was answered: nobody waits any more. */
export function whileAsked({ raw }: FastifyReply): AbortSignal {
  const asked = new AbortController()
  raw.once('close', () => asked.abort(new Error('nobody waits for it any more')))
  if (raw.closed || raw.destroyed) asked.abort(new Error('nobody waits for it any more'))
  return asked.signal
}
