/** Exit codes of every command. */
export const EXIT = {
  ok: 0,
  /** The command could not do what it was asked to. */
  failed: 1,
  /** It was asked wrongly: unknown option, missing argument, a value that cannot be. */
  usage: 2,
} as const

/** A command that fails for a reason that is told in one sentence; ends it without a stack. */
export class Failure extends Error {
  /** What to do about it: further lines, or null. */
  readonly hint: string | null
  readonly exitCode: number

  constructor(
    message: string,
    hint: string | null = null,
    options: { exitCode?: number; cause?: unknown } = {},
  ) {
    super(message, { cause: options.cause })
    this.name = 'Failure'
    this.hint = hint
    this.exitCode = options.exitCode ?? EXIT.failed
  }
}

/** A value on the command line that cannot be. */
export function usageFailure(message: string, hint: string | null = null): Failure {
  return new Failure(message, hint, { exitCode: EXIT.usage })
}
