import { PlatformRefusal } from '../../../gateway/contract/lifecycle.ts'
import { fieldsIn, textOf } from './fields.ts'

/** Characters of what the API says that are passed on. */
const MOST_CHARACTERS = 1000

/** The API of a cluster was asked and said no, in its own words: the `message` of its Status. */
export class KubernetesRefusal extends Error {
  readonly status: number
  /** `reason` of the Status (Kubernetes API conventions), such as `NotFound`; empty without one. */
  readonly reason: string

  constructor(status: number, reason: string, message: string) {
    super(message)
    this.status = status
    this.reason = reason
  }
}

/** @param text Body of an answer from 300 on: a Status in JSON, or whatever stands in front of the API says. */
export function refusalOf(status: number, text: string): KubernetesRefusal {
  const { kind, reason, message } = fieldsIn(text)
  if (kind !== 'Status') {
    const said = /^[\t\n\r\x20-\x7e]{1,200}$/.test(text) ? `: ${text.trim()}` : ''
    return new KubernetesRefusal(status, '', `the API of Kubernetes answers ${status}${said}`)
  }
  const words = (textOf(message) ?? '').slice(0, MOST_CHARACTERS)
  return new KubernetesRefusal(
    status,
    textOf(reason) ?? '',
    words === '' ? `the API of Kubernetes answers ${status}` : words,
  )
}

/** The same as a driver says it to those who asked for something; any other error stays what it is. */
export function asPlatformRefusal(error: unknown): unknown {
  if (!(error instanceof KubernetesRefusal)) return error
  return new PlatformRefusal(kindOf(error.status), error.message)
}

/** What is asked of the API, with its refusals said as a driver says them. */
export async function asked<Result>(ask: () => Promise<Result>): Promise<Result> {
  try {
    return await ask()
  } catch (error) {
    throw asPlatformRefusal(error)
  }
}

function kindOf(status: number): PlatformRefusal['kind'] {
  switch (status) {
    case 401:
    case 403:
      return 'denied'
    case 404:
      return 'not-found'
    case 400:
    case 413:
    case 422:
      return 'invalid'
    default:
      return 'failed'
  }
}
