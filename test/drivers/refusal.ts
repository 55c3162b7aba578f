import assert from 'node:assert/strict'
import { PlatformRefusal } from '../../gateway/contract/lifecycle.ts'

/** For `assert.rejects`: a platform says no, in this way and these words. */
export function refusal(kind: PlatformRefusal['kind'], message: RegExp): (error: unknown) => true {
  return (error) => {
    assert.ok(error instanceof PlatformRefusal, String(error))
    assert.equal(error.kind, kind)
    assert.match(error.message, message)
    return true
  }
}
