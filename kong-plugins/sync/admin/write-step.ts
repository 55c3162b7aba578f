import { isRecord } from '../canonical.ts'
import type { Fields } from '../entities.ts'
import { KongError } from '../kong-error.ts'
import type { Step } from '../target.ts'
import type { AdminConnection, AdminRequest } from './admin-connection.ts'

/** Kong's code for an id that is there already. */
const PRIMARY_KEY = 3

/**
 * Does one step. It may be done twice: whether the first time counted need not be known.
 *
 * @throws KongError
 */
export async function writeStep(connection: AdminConnection, step: Step, signal: AbortSignal): Promise<void> {
  const send = async (method: AdminRequest['method'], path: string, body?: Fields): Promise<void> => {
    await connection.send({ method, path, signal, ...(body === undefined ? {} : { body }) })
  }
  const path = pathOf(step)
  if (step.action === 'delete') {
    // Gone is gone; Kong says 404 for targets only.
    await send('DELETE', path).catch((error: unknown) => ignore(error, 'missing'))
  } else if (step.action === 'tag') {
    await send('PATCH', path, { tags: step.tags })
  } else if (step.kind === 'targets') {
    await writeTarget(step, path, send)
  } else if (step.kind === 'certificates' && step.action === 'update') {
    // PUT without `snis` takes away the names, which are entities of their own here.
    await send('PATCH', path, { cert_alt: null, key_alt: null, ...step.body })
  } else {
    await send('PUT', path, step.body)
  }
}

/** Targets cannot be created by PUT. */
async function writeTarget(
  step: Extract<Step, { readonly body: Fields }>,
  path: string,
  send: (method: AdminRequest['method'], path: string, body?: Fields) => Promise<void>,
): Promise<void> {
  if (step.action === 'update') return send('PATCH', path, step.body)
  try {
    await send('POST', path.slice(0, path.lastIndexOf('/')), step.body)
  } catch (error) {
    // An earlier try has come through although its answer did not.
    if (!(error instanceof KongError) || error.code !== PRIMARY_KEY) throw error
    await send('PATCH', path, step.body)
  }
}

function pathOf(step: Step): string {
  if (step.kind !== 'targets') return `/${step.kind}/${step.id}`
  const fields = step.action === 'tag' ? {} : step.action === 'delete' ? step.fields : step.body
  const upstream = fields['upstream']
  const id = isRecord(upstream) ? String(upstream['id']) : ''
  return `/upstreams/${encodeURIComponent(id)}/targets/${step.id}`
}

function ignore(error: unknown, kind: KongError['kind']): void {
  if (!(error instanceof KongError) || error.kind !== kind) throw error
}
