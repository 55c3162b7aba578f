import { PlatformRefusal } from '../../gateway/contract/lifecycle.ts'
import { isObject } from './result.ts'
import type { ServiceAnswer } from './service.ts'

/**
 * What a service of AWS says no with, as the person hears it who asked.
 *
 * @param what What was asked, as a subject: `CreateFunction`.
 */
export function refusalOf(what: string, { status, error, body }: ServiceAnswer): PlatformRefusal {
  const fields = isObject(body) ? body : {}
  const said = fields['message'] ?? fields['Message']
  const name = error === '' ? `status ${status}` : error
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what a line must not have
  const text = typeof said === 'string' ? `: ${said.replaceAll(/[\u0000-\u001f\u007f]+/g, ' ')}` : ''
  return new PlatformRefusal(kindOf(status, error), `${what} of AWS answers ${name}${text}`.slice(0, 500))
}

function kindOf(status: number, error: string): PlatformRefusal['kind'] {
  if (status === 404 || error.startsWith('ResourceNotFound')) return 'not-found'
  if (status === 403 || status === 401 || /AccessDenied|UnrecognizedClient|Signature|Token/.test(error))
    return 'denied'
  return status === 400 || status === 413 ? 'invalid' : 'failed'
}
