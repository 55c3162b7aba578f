import { Agent } from 'undici'
import { verifiedTls } from '../../gateway/contract/certificates.ts'
import type { ConnectionOptions } from './connection-options.ts'

/** Milliseconds in which a platform has to begin its answer: some do the work first. */
const HEAD_MS = 120_000

/**
 * Opens connections to a platform for what operators ask, each for one request: what is asked now must not wait behind
 * a log that is followed. Answers have no bound: their readers set one.
 */
export function administrationAgent(options: ConnectionOptions): Agent {
  return new Agent({
    pipelining: 0,
    headersTimeout: HEAD_MS,
    // A log may be silent for as long as its function is.
    bodyTimeout: 0,
    connect: { timeout: options.connectTimeout, ...verifiedTls(options) },
  })
}
