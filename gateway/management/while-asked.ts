import type { FastifyInstance, FastifyReply } from 'fastify'

/** What is asked of each server now. */
const ASKED = new WeakMap<object, Set<AbortController>>()

/** Aborted when the client has left or was answered, so that nobody waits any more, or when the server closes. */
export function whileAsked({ raw, server }: FastifyReply): AbortSignal {
  const asked = new AbortController()
  const all = ASKED.get(server.server) ?? new Set()
  ASKED.set(server.server, all.add(asked))
  const end = (): void => {
    all.delete(asked)
    asked.abort(new Error('nobody waits for it any more'))
  }
  raw.once('close', end)
  if (raw.closed || raw.destroyed) end()
  return asked.signal
}

/** Ends what is asked when the server closes: a log that is followed would keep it open. */
export function endAskedOnClose(app: FastifyInstance): void {
  app.addHook('preClose', async () => {
    for (const asked of ASKED.get(app.server) ?? []) asked.abort(new Error('the gateway stops'))
  })
}
