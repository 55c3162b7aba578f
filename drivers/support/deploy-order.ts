import { type DeployOrder, PlatformRefusal } from '../../gateway/contract/lifecycle.ts'

/** What an order may ask for beside its code, as the person who asks knows it. */
const TITLES = {
  runtime: 'a runtime',
  environment: 'environment variables',
  labels: 'labels',
  memoryBytes: 'a limit of memory',
  cpuMillis: 'a limit of cpu',
  gpus: 'GPUs',
  concurrency: 'a concurrency',
  minReplicas: 'a least number of replicas',
  maxReplicas: 'a greatest number of replicas',
  timeoutMs: 'a time-out',
} as const

export type OrderField = keyof typeof TITLES

/**
 * Refuses an order that asks for what the platform cannot keep, all of it in one sentence.
 *
 * @param keeps What it can keep.
 * @throws PlatformRefusal `unsupported`.
 */
export function refuseBeyond(order: DeployOrder, platform: string, keeps: readonly OrderField[]): void {
  const asked = (Object.keys(TITLES) as OrderField[]).filter((field) => asks(order, field))
  const beyond = asked.filter((field) => !keeps.includes(field)).map((field) => TITLES[field])
  if (beyond.length === 0) return
  throw new PlatformRefusal('unsupported', `${platform} cannot give a function ${beyond.join(', nor ')}.`)
}

/** @throws PlatformRefusal `unsupported`, for an order of a folder. */
export function imageOf({ image }: DeployOrder, platform: string): string {
  if (image !== null) return image
  throw new PlatformRefusal(
    'unsupported',
    `${platform} runs container images, not folders: give it an image.`,
  )
}

/** @throws PlatformRefusal `unsupported`, for an order of an image. */
export function folderOf({ folder }: DeployOrder, platform: string): string {
  if (folder !== null) return folder
  throw new PlatformRefusal('unsupported', `${platform} runs folders of code, not images: give it a folder.`)
}

function asks(order: DeployOrder, field: OrderField): boolean {
  const value = order[field]
  if (value === null || value === 0) return false
  return typeof value !== 'object' || Object.keys(value).length > 0
}
