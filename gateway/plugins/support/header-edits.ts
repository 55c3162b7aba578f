import type { Call } from '../../contract/call.ts'
import type { HeaderList } from '../../contract/headers.ts'
import { HeaderValue } from './header-value.ts'

/** What an operator writes. */
export interface WrittenEdits {
  readonly remove: readonly string[]
  readonly set: Readonly<Record<string, string>>
  readonly add: Readonly<Record<string, string>>
}

interface Field {
  readonly name: string
  readonly value: HeaderValue
}

/** Changes of a list of headers, compiled: first `remove`, then `set`, then `add`. */
export class HeaderEdits {
  readonly #removed: readonly string[]
  readonly #set: readonly Field[]
  readonly #added: readonly Field[]

  /**
   * @param refusal Says why a lower-case name must not be edited, or null.
   * @throws Error That names the field.
   */
  constructor(edits: WrittenEdits, refusal: (name: string) => string | null) {
    this.#removed = edits.remove.map((name) => checkName('remove', name, refusal))
    this.#set = compile('set', edits.set, refusal)
    this.#added = compile('add', edits.add, refusal)
    const twice = this.#set.find(({ name }) => this.#removed.includes(name))
    if (twice !== undefined)
      throw new Error(`remove and set both name ${twice.name}; set replaces the field anyway`)
  }

  get empty(): boolean {
    return this.#removed.length === 0 && this.#set.length === 0 && this.#added.length === 0
  }

  apply(call: Call, headers: HeaderList): undefined {
    for (let i = 0; i < this.#removed.length; i++) headers.remove(this.#removed[i]!)
    for (let i = 0; i < this.#set.length; i++) {
      const { name, value } = this.#set[i]!
      const text = value.of(call)
      // Not what a client put there in place of a fact that this call has not.
      if (text === null) headers.remove(name)
      else headers.set(name, text)
    }
    for (let i = 0; i < this.#added.length; i++) {
      const { name, value } = this.#added[i]!
      const text = value.of(call)
      if (text !== null) headers.add(name, text)
    }
  }
}

function compile(
  kind: 'set' | 'add',
  fields: Readonly<Record<string, string>>,
  refusal: (name: string) => string | null,
): Field[] {
  const compiled = Object.entries(fields).map(([written, text]) => {
    const name = checkName(kind, written, refusal)
    try {
      return { name, value: new HeaderValue(text) }
    } catch (error) {
      throw new Error(`${kind}.${name}: ${(error as Error).message}`)
    }
  })
  const names = compiled.map(({ name }) => name)
  const twice = names.find((name, i) => names.indexOf(name) !== i)
  if (twice !== undefined) throw new Error(`${kind}: ${twice} stands there twice, in different letters`)
  return compiled
}

function checkName(kind: string, written: string, refusal: (name: string) => string | null): string {
  const name = written.toLowerCase()
  const why = refusal(name)
  if (why !== null) throw new Error(`${kind}: ${name} ${why}`)
  return name
}
