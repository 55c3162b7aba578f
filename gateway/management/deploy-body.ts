import { Rejection } from '../contract/rejection.ts'
import type { DeployRequest, OrderFile } from './lifecycle-host.ts'

/** Bytes of code that an order may bring along, and of the JSON that they make. */
export const MOST_CODE_BYTES = 32 * 1024 * 1024
export const MOST_DEPLOY_BYTES = 48 * 1024 * 1024

/** Milliseconds until nobody waits any more, unless the order says how long; and the most that it may say. */
const WAIT_MS = 5 * 60_000
const LONGEST_WAIT_MS = 30 * 60_000

const COUNT = { type: 'integer', minimum: 0, maximum: 1_000_000 }
const POSITIVE = { ...COUNT, minimum: 1 }
const LINE = { type: 'string', minLength: 1, maxLength: 1024, pattern: '^[^\\u0000-\\u001f\\u007f]*$' }
const MAP = {
  type: 'object',
  maxProperties: 1000,
  additionalProperties: { type: 'string', maxLength: 65_536 },
}

/** What is to run, in JSON. Exactly one of `image` and `files`. */
export const DEPLOY_BODY = {
  type: 'object',
  properties: {
    image: LINE,
    files: {
      type: 'array',
      items: {
        type: 'object',
        required: ['path', 'content'],
        properties: {
          path: LINE,
          content: { type: 'string', pattern: '^[A-Za-z0-9+/]*={0,2}$' },
          executable: { type: 'boolean' },
        },
        additionalProperties: false,
      },
    },
    runtime: LINE,
    environment: MAP,
    labels: MAP,
    memoryBytes: { type: 'integer', minimum: 1, maximum: Number.MAX_SAFE_INTEGER },
    cpuMillis: POSITIVE,
    gpus: COUNT,
    concurrency: POSITIVE,
    minReplicas: COUNT,
    maxReplicas: POSITIVE,
    timeoutMs: { ...POSITIVE, maximum: 86_400_000 },
    waitMs: { ...POSITIVE, maximum: LONGEST_WAIT_MS },
  },
  additionalProperties: false,
}

/** The body after it was validated. */
export type WrittenOrder = Partial<Omit<DeployRequest, 'files'>> & {
  readonly files?: readonly (Omit<OrderFile, 'executable'> & { readonly executable?: boolean })[]
}

/** The complete order, or why it is none. */
export function writtenOrder(written: WrittenOrder): DeployRequest | Rejection {
  const { image = null, files = null, minReplicas = null, maxReplicas = null } = written
  if ((image === null) === (files === null)) return invalid('Give exactly one of an image and a folder.')
  if (minReplicas !== null && maxReplicas !== null && minReplicas > maxReplicas)
    return invalid('The least number of replicas is above the greatest.')
  return {
    image,
    files: files?.map((file) => ({ ...file, executable: file.executable ?? false })) ?? null,
    runtime: written.runtime ?? null,
    environment: written.environment ?? {},
    labels: written.labels ?? {},
    memoryBytes: written.memoryBytes ?? null,
    cpuMillis: written.cpuMillis ?? null,
    gpus: written.gpus ?? 0,
    concurrency: written.concurrency ?? null,
    minReplicas,
    maxReplicas,
    timeoutMs: written.timeoutMs ?? null,
    waitMs: written.waitMs ?? WAIT_MS,
  }
}

function invalid(detail: string): Rejection {
  return new Rejection('GW_ORDER_INVALID', detail)
}
