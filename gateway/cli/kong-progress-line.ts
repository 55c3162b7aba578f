import type { Writable } from 'node:stream'
import type { Step } from '../../kong-plugins/sync/target.ts'
import { printable } from './printable.ts'

const VERBS: Readonly<Record<Step['action'], string>> = {
  create: 'created',
  update: 'changed',
  delete: 'deleted',
  tag: 'recorded',
}

/** So many writes are told one by one; then each hundredth. */
const TOLD = 50
const EACH = 100

/** Tells of writes while they are done. */
export class KongProgressLine {
  readonly #out: Writable
  #count = 0

  constructor(out: Writable) {
    this.#out = out
  }

  onWritten({ action, kind, name }: Step): void {
    this.#count++
    if (this.#count <= TOLD) this.#out.write(`${VERBS[action]} ${kind} ${printable(name)}\n`)
    else if (this.#count % EACH === 0) this.#out.write(`${this.#count} writes\n`)
  }
}
