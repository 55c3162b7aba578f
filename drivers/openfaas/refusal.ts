import { ListedInPart, PlatformRefusal } from '../../gateway/contract/lifecycle.ts'
import { reasonOf } from '../support/health-probe.ts'
import { AdministrationRefused } from './administration.ts'

/** Does what asks the platform; what it refuses is told as operators are to read it. */
export async function asked<Result>(ask: () => Promise<Result>): Promise<Result> {
  try {
    return await ask()
  } catch (error) {
    throw refusalOf(error)
  }
}

/** What an error of the administration API means. */
export function refusalOf(error: unknown): unknown {
  if (error instanceof PlatformRefusal || error instanceof ListedInPart) return error
  if (!(error instanceof AdministrationRefused)) {
    const { code } = error as { code?: unknown }
    return typeof code === 'string' ? new Error(`OpenFaaS does not answer: ${reasonOf(error)}`) : error
  }
  const { status, words } = error
  const said = words === '' ? `it answers ${status}` : words
  if (status === 401 || status === 403)
    return new PlatformRefusal(
      'denied',
      `OpenFaaS refuses its administrator: ${said}. See \`administrator\`.`,
    )
  if (status === 404) return new PlatformRefusal('not-found', `OpenFaaS does not know the function: ${said}`)
  if (status === 405 || status === 501)
    return new PlatformRefusal('unsupported', `This OpenFaaS cannot do that: ${said}`)
  return new PlatformRefusal(status < 500 ? 'invalid' : 'failed', `OpenFaaS says: ${said}`)
}
