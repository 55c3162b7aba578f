/** A function as the platform lists it; of what it says, what the gateway goes by. */
export interface ListedFunction {
  readonly name: string
  /** Null where the platform has none, or does not tell. */
  readonly namespace: string | null
  readonly image: string | null
  readonly labels: Readonly<Record<string, string>>
  /** How many take calls. */
  readonly replicas: number | null
  /** How many there are to be. */
  readonly wanted: number | null
  /** `max_inflight` of its watchdog; null without one. */
  readonly mostInFlight: number | null
  /** Of its specification what an order cannot say, as the platform has it. */
  readonly rest: Readonly<Record<string, unknown>>
}

/** Kept when a function is changed: others have set them, and they would be lost. */
const KEPT = ['envProcess', 'constraints', 'secrets', 'annotations', 'readOnlyRootFilesystem']

/** Null for what is no function. */
export function readFunction(value: unknown): ListedFunction | null {
  if (typeof value !== 'object' || value === null) return null
  const fields = value as Record<string, unknown>
  const { name, namespace, image, labels, availableReplicas, replicas, envVars } = fields
  if (typeof name !== 'string') return null
  return {
    name,
    namespace: textOf(namespace),
    image: textOf(image),
    labels: textsOf(labels),
    replicas: countOf(availableReplicas),
    wanted: countOf(replicas),
    mostInFlight: readMostInFlight(envVars),
    rest: Object.fromEntries(KEPT.flatMap((key) => (fields[key] == null ? [] : [[key, fields[key]]]))),
  }
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null
}

function textsOf(value: unknown): Record<string, string> {
  if (typeof value !== 'object' || value === null) return {}
  return Object.fromEntries(
    Object.entries(value).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  )
}

/** The platform leaves a zero out when it writes JSON. */
function countOf(value: unknown): number | null {
  if (value === undefined || value === null) return 0
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : null
}

function readMostInFlight(envVars: unknown): number | null {
  if (typeof envVars !== 'object' || envVars === null || !Object.hasOwn(envVars, 'max_inflight')) return null
  const text: unknown = (envVars as Record<string, unknown>)['max_inflight']
  const number = typeof text === 'string' && /^\d{1,7}$/.test(text) ? Number(text) : 0
  return number > 0 ? number : null
}
