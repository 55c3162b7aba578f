import type { PlatformFunction } from '../../gateway/contract/lifecycle.ts'
import { functionPath } from './function-name.ts'
import { refusalOf } from './refusal.ts'
import { isObject } from './result.ts'
import type { AwsService } from './service.ts'

/** As many as Lambda gives at most in one page. */
const PAGE = 50

/** Functions that are asked for at once: AWS allows 100 a second for the whole account. */
const AT_ONCE = 4

type Fields = Readonly<Record<string, unknown>>

/**
 * All functions of the account in the region, by ListFunctions. What that leaves out (state, tags, reserved concurrency,
 * the image) is asked of each by GetFunction where this is allowed; otherwise a function that is there counts as ready.
 */
export async function listFunctions(lambda: AwsService, signal: AbortSignal): Promise<PlatformFunction[]> {
  const names: Fields[] = []
  let marker = ''
  do {
    const query = marker === '' ? '' : `&Marker=${encodeURIComponent(marker)}`
    const path = `/2015-03-31/functions?MaxItems=${PAGE}${query}`
    const answer = await lambda.ask({ method: 'GET', path }, signal)
    if (answer.status !== 200) throw refusalOf('ListFunctions', answer)
    const { Functions, NextMarker } = fieldsOf(answer.body)
    if (Array.isArray(Functions)) names.push(...Functions.filter(isObject))
    marker = typeof NextMarker === 'string' ? NextMarker : ''
  } while (marker !== '')
  const found: (PlatformFunction | null)[] = Array(names.length).fill(null)
  const left = names.entries()
  let mayAsk = true
  const next = async () => {
    for (const [i, listed] of left) {
      const name = String(listed['FunctionName'])
      const answer = mayAsk ? await lambda.ask({ method: 'GET', path: functionPath(name) }, signal) : null
      if (answer?.status === 403) mayAsk = false
      // One that is gone since is left out.
      if (answer?.status === 404) continue
      found[i] = describe(listed, answer?.status === 200 ? fieldsOf(answer.body) : {})
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, next))
  return found.filter((each) => each !== null)
}

function describe(listed: Fields, details: Fields): PlatformFunction {
  const configuration = fieldsOf(details['Configuration'])
  const reserved = fieldsOf(details['Concurrency'])['ReservedConcurrentExecutions']
  const image = fieldsOf(details['Code'])['ImageUri']
  const runtime = listed['Runtime']
  const state = configuration['State']
  const labels = Object.entries(fieldsOf(details['Tags'])).filter(([, value]) => typeof value === 'string')
  return {
    name: String(listed['FunctionName']),
    ready: state !== 'Pending' && state !== 'Failed' && reserved !== 0,
    replicas: null,
    limit: typeof reserved === 'number' ? reserved : null,
    source: typeof image === 'string' ? image : typeof runtime === 'string' ? runtime : null,
    labels: Object.fromEntries(labels) as Record<string, string>,
  }
}

function fieldsOf(value: unknown): Fields {
  return isObject(value) ? value : {}
}
