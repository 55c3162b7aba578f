import type { Readable, Writable } from 'node:stream'

/** Where a command reads and writes: the process's own, or a test's. */
export interface Terminal {
  readonly stdin: Readable
  /** Results, and nothing else: what a script would read. */
  readonly stdout: Writable
  /** Everything that is said to a person beside the result. */
  readonly stderr: Writable
  readonly env: Readonly<Record<string, string | undefined>>
  /** Absolute path that relative ones count from. */
  readonly cwd: string
}
