import { PlatformRefusal } from '../../../gateway/contract/lifecycle.ts'

/**
 * Takes what each look finds to have failed, or null. A failure that does not last is none: platforms take it back while
 * they still work.
 *
 * @param lastingMs From the first of the looks in a row that find one.
 * @returns Throws a PlatformRefusal with the failure once it has lasted.
 */
export function lastingFailure(lastingMs: number): (failure: string | null) => void {
  let since: number | null = null
  return (failure) => {
    if (failure === null) {
      since = null
      return
    }
    since ??= performance.now()
    if (performance.now() - since >= lastingMs) throw new PlatformRefusal('failed', failure)
  }
}
