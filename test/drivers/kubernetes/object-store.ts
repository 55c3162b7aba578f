import { randomUUID } from 'node:crypto'

/** An object as the API has it. */
export interface StoredObject {
  apiVersion: string
  kind: string
  metadata: {
    name: string
    namespace: string
    uid: string
    resourceVersion: string
    generation: number
    creationTimestamp: string
    labels?: Record<string, string>
    annotations?: Record<string, string>
    managedFields?: unknown[]
  }
  spec?: unknown
  status?: unknown
}

/** An object as a client sends it: what the API fills in may be left out. */
export interface SentObject extends Partial<Omit<StoredObject, 'metadata'>> {
  metadata: Partial<StoredObject['metadata']> & Pick<StoredObject['metadata'], 'name'>
}

/** A kind of object: `services` of `serving.knative.dev/v1`, in one namespace. */
export interface Resource {
  readonly group: string
  readonly version: string
  readonly plural: string
  readonly namespace: string
}

/** The API said no; the body of the answer is a Status. */
export class Refused extends Error {
  readonly code: number
  readonly reason: string
  readonly details: object | undefined

  constructor(code: number, reason: string, message: string, details?: object) {
    super(message)
    this.code = code
    this.reason = reason
    this.details = details
  }
}

/** Objects with the rules of kube-apiserver 1.36 for versions, generations and the status of a custom resource. */
export class ObjectStore {
  readonly #objects = new Map<string, StoredObject>()
  #version = 100

  all(resource: Resource): StoredObject[] {
    const prefix = keyOf(resource, '')
    const keys = [...this.#objects.keys()].filter((key) => key.startsWith(prefix)).sort()
    return keys.map((key) => this.#objects.get(key)!)
  }

  get(resource: Resource, name: string): StoredObject {
    const found = this.find(resource, name)
    if (found === null) throw notFound(resource, name)
    return found
  }

  find(resource: Resource, name: string): StoredObject | null {
    return this.#objects.get(keyOf(resource, name)) ?? null
  }

  create(resource: Resource, sent: SentObject): StoredObject {
    const { name } = sent.metadata
    if (this.#objects.has(keyOf(resource, name))) {
      throw refused(resource, name, 409, 'AlreadyExists', `${quoted(resource, name)} already exists`)
    }
    checkLabels(resource, sent)
    const metadata = {
      ...sent.metadata,
      namespace: resource.namespace,
      uid: randomUUID(),
      generation: 1,
      creationTimestamp: new Date().toISOString().replace(/\.\d+/, ''),
      managedFields: [{ manager: 'test', operation: 'Update' }],
    }
    const { status, ...object } = sent
    return this.#put(resource, { ...object, metadata } as StoredObject)
  }

  /** @param isStatus Changes nothing but the status; without it, all but the status. */
  replace(resource: Resource, name: string, sent: SentObject, isStatus: boolean): StoredObject {
    const before = this.get(resource, name)
    const version = sent.metadata.resourceVersion
    if (version === undefined) {
      const message = 'metadata.resourceVersion: Invalid value: 0: must be specified for an update'
      throw refused(resource, name, 422, 'Invalid', `${quoted(resource, name)} is invalid: ${message}`)
    }
    if (version !== before.metadata.resourceVersion) {
      const advice = 'please apply your changes to the latest version and try again'
      const message = `Operation cannot be fulfilled on ${quoted(resource, name)}: the object has been modified; ${advice}`
      throw refused(resource, name, 409, 'Conflict', message)
    }
    if (isStatus) return this.#put(resource, { ...before, status: sent.status })
    checkLabels(resource, sent)
    const isSame = JSON.stringify(sent.spec) === JSON.stringify(before.spec)
    const { uid, creationTimestamp, generation } = before.metadata
    const metadata = {
      ...sent.metadata,
      namespace: resource.namespace,
      uid,
      creationTimestamp,
      generation: isSame ? generation : generation + 1,
    }
    return this.#put(resource, { ...sent, metadata, status: before.status } as StoredObject)
  }

  delete(resource: Resource, name: string): StoredObject {
    const object = this.get(resource, name)
    this.#objects.delete(keyOf(resource, name))
    return object
  }

  #put(resource: Resource, object: StoredObject): StoredObject {
    const metadata = { ...object.metadata, resourceVersion: String(++this.#version) }
    const stored = structuredClone({ ...object, metadata })
    this.#objects.set(keyOf(resource, metadata.name), stored)
    return stored
  }
}

/** As in messages: `services.serving.knative.dev`, or `pods`. */
export function titleOf({ group, plural }: Resource): string {
  return group === '' ? plural : `${plural}.${group}`
}

function keyOf({ group, plural, namespace }: Resource, name: string): string {
  return `${group}/${plural}/${namespace}/${name}`
}

function quoted(resource: Resource, name: string): string {
  return `${titleOf(resource)} "${name}"`
}

function notFound(resource: Resource, name: string): Refused {
  return refused(resource, name, 404, 'NotFound', `${quoted(resource, name)} not found`)
}

function refused(resource: Resource, name: string, code: number, reason: string, message: string): Refused {
  const { group, plural } = resource
  return new Refused(code, reason, message, { name, ...(group === '' ? {} : { group }), kind: plural })
}

function checkLabels(resource: Resource, { metadata }: SentObject): void {
  for (const value of Object.values(metadata.labels ?? {})) {
    if (/^(?:[A-Za-z0-9](?:[-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?$/.test(value)) continue
    const message = `metadata.labels: Invalid value: "${value}": a valid label must be an empty string or consist of alphanumeric characters`
    throw refused(
      resource,
      metadata.name,
      422,
      'Invalid',
      `${quoted(resource, metadata.name)} is invalid: ${message}`,
    )
  }
}
