import { createHash } from 'node:crypto'
import type { Random } from '../../fuzz/random.ts'
import type { KongUnderTest } from '../kong-under-test.ts'

const PATCHES: Readonly<Record<string, readonly object[]>> = {
  routes: [
    { paths: ['/hacked'] },
    { strip_path: true },
    { preserve_host: false, request_buffering: true },
    { service: null },
    { methods: ['PUT'] },
    { hosts: null },
    { protocols: ['http', 'https'] },
    { regex_priority: 7 },
    { tags: null },
    { tags: ['mine'] },
    { name: 'renamed-by-hand' },
    { headers: { 'x-a': ['1'] } },
  ],
  services: [
    { retries: 5 },
    { enabled: false },
    { host: 'elsewhere.example' },
    { read_timeout: 1 },
    { path: '/prefix' },
    { tags: null },
    { name: 'renamed-by-hand' },
  ],
  upstreams: [
    { healthchecks: { active: { healthy: { interval: 0 } } } },
    { algorithm: 'least-connections' },
    { slots: 100 },
    { tags: ['x'] },
    { name: 'renamed-by-hand' },
  ],
  targets: [{ weight: 0 }, { tags: null }],
  plugins: [
    { enabled: false },
    { protocols: ['http'] },
    { tags: null },
    { instance_name: 'renamed-by-hand' },
  ],
}

/** Somebody with a terminal: changes and deletes entities of ours, and has entities of their own. */
export class Hand {
  readonly #kong: KongUnderTest
  readonly #random: Random
  /** What they made and want to find as they left it, by path. */
  readonly #theirs = new Map<string, unknown>()
  #counter = 0

  constructor(kong: KongUnderTest, random: Random) {
    this.#kong = kong
    this.#random = random
  }

  /** Changes or deletes something of ours. What it was, for the protocol. */
  async spoil(): Promise<string> {
    const found = await this.#anyOfOurs()
    if (found === null) return 'nothing to spoil'
    const [kind, path] = found
    if (this.#random.below(3) === 0) {
      const { status } = await this.#kong.byHand('DELETE', path)
      return `DELETE ${path} ${status}`
    }
    const patches = PATCHES[kind]!
    const patch = patches[this.#random.below(patches.length)]!
    const { status } = await this.#kong.byHand(
      'PATCH',
      path,
      unique(patch, `${this.#kong.owner}-${this.#counter++}`),
    )
    return `PATCH ${path} ${JSON.stringify(patch)} ${status}`
  }

  /** Makes, changes or deletes something of their own, at times where something of ours is or would be. */
  async mind(names: readonly { readonly kind: string; readonly name: string }[]): Promise<string> {
    const known = [...this.#theirs.keys()]
    if (known.length > 6 || (known.length > 0 && this.#random.below(3) === 0)) {
      const path = known[this.#random.below(known.length)]!
      return this.#remove(path)
    }
    const id = this.#newId()
    const { owner } = this.#kong
    const taken = names[this.#random.below(names.length)]
    const [route] = await this.#kong.all('routes')
    const choices: [string, object][] = [
      [`/services/${id}`, { name: `${owner}-theirs-${id}`, host: 'theirs.example', tags: ['theirs'] }],
      [`/upstreams/${id}`, { name: `${owner}-theirs-${id}` }],
      [`/routes/${id}`, { name: `${owner}-theirs-${id}`, paths: ['/theirs'] }],
      [
        `/routes/${id}`,
        { name: taken?.kind === 'routes' ? taken.name : `${owner}-x-${id}`, paths: ['/theirs'] },
      ],
      [
        `/plugins/${id}`,
        { name: 'key-auth', ...(route ? { route: { id: route.id } } : { service: null, enabled: false }) },
      ],
    ]
    const [path, body] = choices[this.#random.below(choices.length)]!
    const { status } = await this.#kong.byHand('PUT', path, body)
    if (status === 200) this.#theirs.set(path, (await this.#kong.byHand('GET', path)).body)
    return `PUT ${path} ${JSON.stringify(body)} ${status}`
  }

  /** Takes back what stands in our way: names of ours, and what hangs on our routes. */
  async giveWay(): Promise<void> {
    for (const [path, body] of this.#theirs) {
      const { name, route } = body as { name?: string; route?: unknown }
      if (path.startsWith('/plugins') ? route !== null : !name?.includes('-theirs-')) await this.#remove(path)
    }
  }

  /** What is no longer as they left it. */
  async complaints(): Promise<string[]> {
    const found: string[] = []
    for (const [path, left] of this.#theirs) {
      const { body } = await this.#kong.byHand('GET', path)
      if (JSON.stringify(body) !== JSON.stringify(left))
        found.push(`${path} was ${JSON.stringify(left)} and is ${JSON.stringify(body)}`)
    }
    return found
  }

  /** A plugin of theirs goes with a route that goes by hand; that is no business of ours. */
  async forgetWhatTheyLost(): Promise<void> {
    for (const path of [...this.#theirs.keys()])
      if (path.startsWith('/plugins') && (await this.#kong.byHand('GET', path)).status === 404)
        this.#theirs.delete(path)
  }

  async #remove(path: string): Promise<string> {
    this.#theirs.delete(path)
    const { status } = await this.#kong.byHand('DELETE', path)
    return `DELETE ${path} ${status}`
  }

  async #anyOfOurs(): Promise<[string, string] | null> {
    const kinds = Object.keys(PATCHES)
    const kind = kinds[this.#random.below(kinds.length)]!
    const [parent] = kind === 'targets' ? await this.#kong.all('upstreams') : [null]
    if (kind === 'targets' && !parent) return null
    const path = kind === 'targets' ? `upstreams/${parent.id}/targets` : kind
    const all = await this.#kong.all(path)
    return all.length === 0 ? null : [kind, `/${path}/${all[this.#random.below(all.length)].id}`]
  }

  #newId(): string {
    const hex = createHash('sha1')
      .update(`${this.#kong.owner} ${this.#counter++}`)
      .digest('hex')
    return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join(
      '-',
    )
  }
}

/** Names are unique in Kong. */
function unique(patch: object, suffix: string): object {
  return Object.fromEntries(
    Object.entries(patch).map(([field, value]) => [
      field,
      value === 'renamed-by-hand' ? `renamed-${suffix}` : value,
    ]),
  )
}
