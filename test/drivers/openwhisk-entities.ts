import type { ServerResponse } from 'node:http'
import { MISSING, refuse, say } from './openwhisk-words.ts'

/** An action as it was written. */
export interface Entity {
  readonly exec: {
    readonly kind: string
    readonly code?: string
    readonly binary?: boolean
    readonly image?: string
  }
  readonly parameters: readonly { readonly key: string; readonly value: unknown; readonly init?: boolean }[]
  readonly annotations: readonly { readonly key: string; readonly value: unknown }[]
  readonly limits: Readonly<Record<string, number>>
}

const MOST_LISTED = 200

/** Actions and packages of one namespace as the API of OpenWhisk keeps them. */
export class Entities {
  readonly actions = new Map<string, Entity>()
  readonly packages = new Set<string>()

  add(name: string, kind = 'nodejs:20'): void {
    this.actions.set(name, { exec: { kind, code: '…' }, parameters: [], annotations: [], limits: {} })
  }

  /** Answers what is asked of one action. */
  serve(method: string, name: string, query: URLSearchParams, body: string, response: ServerResponse): void {
    if (method === 'PUT') this.#put(name, query, body, response)
    else {
      const known = this.actions.get(name)
      if (method === 'DELETE') this.actions.delete(name)
      if (known === undefined) refuse(response, 404, MISSING)
      else say(response, 200, described(name, known))
    }
  }

  #put(name: string, query: URLSearchParams, body: string, response: ServerResponse): void {
    const [inPackage] = name.includes('/') ? name.split('/') : []
    const written = JSON.parse(body) as Entity
    const { kind } = written.exec
    if (inPackage !== undefined && !this.packages.has(inPackage)) refuse(response, 404, MISSING)
    else if (this.actions.has(name) && query.get('overwrite') !== 'true')
      refuse(response, 409, 'resource already exists')
    else if (!/^(?:nodejs|python):[\d.]+$|^blackbox$/.test(kind))
      refuse(response, 400, `The request content was malformed:\nkind '${kind}' not in Set(nodejs:20)`)
    else {
      const annotations = [...written.annotations, { key: 'exec', value: kind }]
      this.actions.set(name, { ...written, annotations })
      say(response, 200, described(name, this.actions.get(name)!))
    }
  }

  putPackage(name: string, query: URLSearchParams, response: ServerResponse): void {
    if (this.packages.has(name) && query.get('overwrite') !== 'true')
      refuse(response, 409, 'resource already exists')
    else {
      this.packages.add(name)
      say(response, 200, { name })
    }
  }

  list(query: URLSearchParams, response: ServerResponse): void {
    const all = [...this.actions].map(([name, entity]) => described(name, entity))
    say(response, 200, page(all, query))
  }
}

/** A part of a list, of at most as many as the platform gives. */
export function page<Each>(all: readonly Each[], query: URLSearchParams): readonly Each[] {
  const skip = Number(query.get('skip') ?? 0)
  return all.slice(skip, skip + Math.min(MOST_LISTED, Number(query.get('limit') ?? 30)))
}

function described(name: string, { exec, annotations, limits }: Entity): object {
  const at = name.indexOf('/')
  return {
    name: name.slice(at + 1),
    namespace: at === -1 ? 'guest' : `guest/${name.slice(0, at)}`,
    version: '0.0.1',
    publish: false,
    exec: { kind: exec.kind, binary: exec.binary ?? false },
    annotations,
    limits,
  }
}
