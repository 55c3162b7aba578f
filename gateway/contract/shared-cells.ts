/**
 * Names for pieces of the memory that all threads share. The main thread allocates at compile; the workers find
 * the same piece under the same key. A piece keeps its content over reloads while a configuration uses its key.
 */
export interface SharedCells {
  /** @param words Number of 32-bit words. The memory begins as zeros. */
  claim(key: string, words: number): Int32Array
}
