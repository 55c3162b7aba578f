/** Processors: of which model, null for any or unknown, and how many. */
export interface Gpu {
  readonly model: string | null
  /** At least 1. */
  readonly count: number
}

/** What a backend offers. What it does not say, it does not offer. */
export interface Offers {
  readonly gpu: Gpu | null
  /** Empty when unknown. */
  readonly arch: readonly string[]
  /** Bytes that one call can have; null when unknown. */
  readonly memory: number | null
  readonly labels: Readonly<Record<string, string>>
}

/** What a function or a caller asks for. Null and no labels: nothing. */
export interface Needs {
  readonly gpu: Gpu | null
  readonly arch: string | null
  /** Bytes. */
  readonly memory: number | null
  readonly labels: Readonly<Record<string, string>>
}

/** Whether an offer has all that is needed. */
export function offersAll(offers: Offers, needs: Needs): boolean {
  return (
    offersGpu(offers, needs.gpu) &&
    offersArch(offers, needs.arch) &&
    offersMemory(offers, needs.memory) &&
    offersLabels(offers, needs.labels)
  )
}

/** What an offer lacks, one phrase for each: `offers no gpu`. Empty when it has all. */
export function lacksOf(offers: Offers, needs: Needs): string[] {
  const lacks: string[] = []
  if (!offersGpu(offers, needs.gpu)) lacks.push(gpuLack(offers.gpu, needs.gpu!))
  if (!offersArch(offers, needs.arch)) {
    const there = offers.arch.length === 0 ? 'offers no arch' : `arch is ${offers.arch.join(', ')}`
    lacks.push(`${there}, needs ${needs.arch}`)
  }
  if (!offersMemory(offers, needs.memory)) {
    const there = offers.memory === null ? 'offers no memory' : `memory is ${saySize(offers.memory)}`
    lacks.push(`${there}, needs ${saySize(needs.memory!)}`)
  }
  for (const [name, value] of Object.entries(needs.labels)) {
    if (hasLabel(offers, name, value)) continue
    const there = Object.hasOwn(offers.labels, name)
      ? `label ${name} is ${offers.labels[name]}`
      : `offers no label ${name}`
    lacks.push(`${there}, needs ${value}`)
  }
  return lacks
}

function offersGpu({ gpu }: Offers, need: Gpu | null): boolean {
  if (need === null) return true
  return gpu !== null && gpu.count >= need.count && (need.model === null || need.model === gpu.model)
}

function gpuLack(gpu: Gpu | null, need: Gpu): string {
  if (gpu === null) return 'offers no gpu'
  if (need.model !== null && need.model !== gpu.model)
    return `gpu model is ${gpu.model ?? 'not said'}, needs ${need.model}`
  return `gpu count is ${gpu.count}, needs ${need.count}`
}

function offersArch({ arch }: Offers, need: string | null): boolean {
  return need === null || arch.includes(need)
}

function offersMemory({ memory }: Offers, need: number | null): boolean {
  return need === null || (memory !== null && memory >= need)
}

function offersLabels(offers: Offers, need: Readonly<Record<string, string>>): boolean {
  for (const name in need) if (!hasLabel(offers, name, need[name]!)) return false
  return true
}

function hasLabel({ labels }: Offers, name: string, value: string): boolean {
  return labels[name] === value
}

/** `16GiB`, `512MiB`, `1000B`: the greatest unit that is exact. */
function saySize(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB']
  let at = 0
  while (at < units.length - 1 && bytes !== 0 && bytes % 1024 ** (at + 1) === 0) at++
  return `${bytes / 1024 ** at}${units[at]}`
}
