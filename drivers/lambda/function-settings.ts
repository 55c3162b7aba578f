import { type DeployOrder, PlatformRefusal } from '../../gateway/contract/lifecycle.ts'
import { isVersion } from './function-name.ts'

const MEBIBYTE = 1024 * 1024

/** What Lambda gives a function that says nothing of it, and the bounds of what it can say. */
const MEMORY_MB = { own: 128, least: 128, most: 10_240 }
const TIMEOUT_S = { own: 3, least: 1, most: 900 }

/**
 * Refuses what Lambda has another way for.
 *
 * @param qualifier Of the deployment.
 * @throws PlatformRefusal
 */
export function checkDeployable(order: DeployOrder, qualifier: string | null): void {
  const { concurrency, minReplicas } = order
  if (qualifier !== null && isVersion(qualifier)) {
    throw new PlatformRefusal(
      'invalid',
      'A version of a function never changes: name the deployment NAME or NAME:ALIAS.',
    )
  }
  if (concurrency !== null && concurrency !== 1) {
    throw new PlatformRefusal('unsupported', 'An environment of Lambda serves one call at a time.')
  }
  if (minReplicas !== null && minReplicas > 0 && qualifier === null) {
    throw new PlatformRefusal(
      'unsupported',
      'Lambda keeps environments ready only of an alias or a version: name the deployment NAME:ALIAS.',
    )
  }
}

/**
 * Settings of the function. What an order leaves open is Lambda's own default, whatever the function has.
 *
 * @throws PlatformRefusal `invalid`, for what is out of Lambda's bounds.
 */
export function settingsOf(order: DeployOrder, role: string | null): object {
  const { environment, memoryBytes, timeoutMs } = order
  const memory = memoryBytes === null ? MEMORY_MB.own : Math.ceil(memoryBytes / MEBIBYTE)
  const timeout = timeoutMs === null ? TIMEOUT_S.own : Math.ceil(timeoutMs / 1000)
  return {
    Environment: { Variables: environment },
    MemorySize: within(memory, MEMORY_MB, 'MiB of memory'),
    Timeout: within(timeout, TIMEOUT_S, 's for a call'),
    ...(role !== null && { Role: role }),
  }
}

function within(value: number, { least, most }: typeof MEMORY_MB, what: string): number {
  if (value >= least && value <= most) return value
  throw new PlatformRefusal('invalid', `Lambda gives a function ${least} to ${most} ${what}, not ${value}.`)
}
