import type { ServerResponse } from 'node:http'
import { type Body, KnownFunction } from './lambda-known.ts'
import { answer, notFound, refuse } from './lambda-words.ts'

/** Status, body, and the type of an exception. */
type Said = readonly [status: number, body?: object, errorType?: string]

const NO_CONTENT: Said = [204]

/** What the API of Lambda does with functions, held to the AWS SDK by a test. */
export class LambdaControl {
  readonly functions = new Map<string, KnownFunction>()
  /** Looks until a function is prepared, and what that fails with. */
  looks = 1
  failure: string | null = null

  add(name: string, reserved: number | null): KnownFunction {
    const known = new KnownFunction(name, reserved)
    this.functions.set(name, known)
    return known
  }

  serve(method: string, target: string, content: Buffer, response: ServerResponse): void {
    const url = new URL(target, 'http://x')
    const body = (content.length === 0 ? {} : JSON.parse(content.toString())) as Body
    const said = this.#answer(method, url, body)
    if (said === null) notFound(response, url.pathname)
    else if (said[2] !== undefined) refuse(response, said[0], said[2], said[1]!)
    else if (said[1] === undefined) response.writeHead(said[0]).end()
    else answer(response, said[0], JSON.stringify(said[1]))
  }

  #answer(method: string, url: URL, body: Body): Said | null {
    const tags = /^\/2017-03-31\/tags\/(.+)$/.exec(url.pathname)
    if (tags !== null) return this.#tag(decodeURIComponent(tags[1]!), body)
    const path = /^\/20\d\d-\d\d-\d\d\/functions(?:\/([^/]+)(?:\/([\w-]+))?(?:\/([^/]+))?)?$/.exec(
      url.pathname,
    )
    if (path === null) return null
    const [, written, what = '', item = ''] = path
    if (written === undefined) return method === 'GET' ? this.#list(url.searchParams) : this.#create(body)
    const bare = decodeURIComponent(written).replace(
      /^(?:arn:aws:lambda:[^:]+:)?(?:\d{12}:)?(?:function:)?/,
      '',
    )
    const [name = '', named] = bare.split(':')
    const known = this.functions.get(name)
    const qualifier = url.searchParams.get('Qualifier') ?? named ?? null
    if (known?.has(qualifier) !== true) return null
    if (what === 'aliases') return alias(method, known, decodeURIComponent(item), body)
    if (what === 'provisioned-concurrency') return provisioned(method, known, qualifier!, body)
    return this.#one(`${method} ${what}`.trim(), known, body)
  }

  #one(what: string, known: KnownFunction, body: Body): Said | null {
    switch (what) {
      case 'GET':
        return [200, known.details()]
      case 'DELETE':
        this.functions.delete(known.name)
        return NO_CONTENT
      case 'GET configuration':
        return [200, known.look()]
      case 'PUT code':
      case 'PUT configuration':
        return this.#change(known, body)
      case 'PUT concurrency':
        known.reserved = body.ReservedConcurrentExecutions!
        return [200, body]
      case 'DELETE concurrency':
        known.reserved = null
        return NO_CONTENT
      case 'POST versions':
        return [201, { ...known.configuration(), Version: String(++known.versions) }]
      default:
        return null
    }
  }

  #create(body: Body): Said {
    const known = this.add(body.FunctionName!, null)
    Object.assign(known.tags, body.Tags)
    known.image = body.Code!.ImageUri
    known.configure(body)
    known.state = 'Pending'
    known.looks = this.looks
    known.failure = this.failure
    return [201, known.configuration()]
  }

  #change(known: KnownFunction, body: Body): Said {
    if (known.update === 'InProgress') {
      const Message = `The operation cannot be performed at this time. An update is in progress for resource: ${known.arn}`
      return [409, { Type: 'User', Message }, 'ResourceConflictException']
    }
    known.image = body.ImageUri ?? known.image
    known.configure(body)
    known.update = 'InProgress'
    known.looks = this.looks
    known.failure = this.failure
    return [200, known.configuration()]
  }

  #list(query: URLSearchParams): Said {
    const names = [...this.functions.keys()].sort()
    const from = Number(query.get('Marker') ?? 0)
    const to = from + Math.min(50, Number(query.get('MaxItems') ?? 50))
    const Functions = names.slice(from, to).map((name) => this.functions.get(name)!.listed())
    return [200, { Functions, ...(to < names.length && { NextMarker: String(to) }) }]
  }

  #tag(arn: string, { Tags }: Body): Said | null {
    const known = this.functions.get(arn.split(':').at(-1)!)
    if (known === undefined) return null
    Object.assign(known.tags, Tags)
    return NO_CONTENT
  }
}

function alias(method: string, known: KnownFunction, name: string, body: Body): Said {
  if (method === 'POST') {
    known.aliases.set(body.Name!, body.FunctionVersion!)
    return [201, body]
  }
  // To delete one that is not there is a success.
  if (method === 'DELETE') {
    known.aliases.delete(name)
    return NO_CONTENT
  }
  if (!known.aliases.has(name)) {
    const Message = `Cannot find alias arn: ${known.arn}:${name}`
    return [404, { Type: 'User', Message }, 'ResourceNotFoundException']
  }
  if (method === 'PUT') known.aliases.set(name, body.FunctionVersion!)
  return [200, { Name: name, FunctionVersion: known.aliases.get(name) }]
}

function provisioned(method: string, known: KnownFunction, qualifier: string, body: Body): Said {
  const kept = known.provisioned.get(qualifier)
  if (method === 'PUT') {
    known.provisioned.set(qualifier, { wanted: body.ProvisionedConcurrentExecutions!, ready: 0 })
    return [202, { Status: 'IN_PROGRESS' }]
  }
  if (method === 'DELETE') {
    known.provisioned.delete(qualifier)
    return NO_CONTENT
  }
  if (kept === undefined) {
    const message = 'No Provisioned Concurrency Config found for this function'
    return [404, { Type: 'User', message }, 'ProvisionedConcurrencyConfigNotFoundException']
  }
  if (kept.ready < kept.wanted) kept.ready++
  return [
    200,
    {
      RequestedProvisionedConcurrentExecutions: kept.wanted,
      AvailableProvisionedConcurrentExecutions: kept.ready,
      Status: kept.ready === kept.wanted ? 'READY' : 'IN_PROGRESS',
    },
  ]
}
