import { createHash, createHmac } from 'node:crypto'

type Source = string | ArrayBuffer | ArrayBufferView

/** Hashes for the signer of the SDK, which takes them as promises. */
export class Sha256 {
  readonly #hash
  constructor(secret?: Source) {
    this.#hash = secret === undefined ? createHash('sha256') : createHmac('sha256', bytesOf(secret))
  }
  update(data: Source): void {
    this.#hash.update(bytesOf(data))
  }
  async digest(): Promise<Uint8Array> {
    return this.#hash.digest()
  }
}

function bytesOf(source: Source): string | Uint8Array {
  if (typeof source === 'string') return source
  if (source instanceof ArrayBuffer) return new Uint8Array(source)
  return new Uint8Array(source.buffer, source.byteOffset, source.byteLength)
}
