import { type BareItem, type InnerList, type Item, ParseError, parseDictionary } from 'structured-headers'
import { nearest } from '../config/reading/nearest.ts'
import { NAME_PATTERN } from '../config/schema/fields.ts'
import { ARCHITECTURES } from '../config/schema/needs.ts'
import type { Gpu, Needs } from '../constraints/needs.ts'
import { isZone } from '../constraints/zone.ts'

/** What a caller asks of the placement. It narrows what the function allows and never widens it. */
export class Hint {
  /** Only deployments within this region or zone; null for all. */
  readonly zone: string | null
  /** Only deployments on backends that offer this. */
  readonly needs: Needs
  /** False: not on burst backends. True allows no more than the function does. */
  readonly burst: boolean
  /** Only deployments that lately answered within so many milliseconds; Infinity for all. */
  readonly maxLatencyMs: number

  constructor(zone: string | null, needs: Needs, burst: boolean, maxLatencyMs: number) {
    this.zone = zone
    this.needs = needs
    this.burst = burst
    this.maxLatencyMs = maxLatencyMs
  }

  /** As a caller would write it. */
  get text(): string {
    const { zone, needs, burst, maxLatencyMs } = this
    const members: string[] = []
    if (zone !== null) members.push(`zone="${zone}"`)
    if (needs.gpu !== null) members.push(needs.gpu.model === null ? 'gpu' : `gpu="${needs.gpu.model}"`)
    if (needs.arch !== null) members.push(`arch="${needs.arch}"`)
    for (const [name, value] of Object.entries(needs.labels))
      members.push(`${LABEL}${name}="${value.replace(/["\\]/g, '\\$&')}"`)
    if (!burst) members.push('burst=?0')
    if (maxLatencyMs !== Number.POSITIVE_INFINITY) members.push(`max-latency=${maxLatencyMs}`)
    return members.join(', ')
  }
}

/** Why a text is no hint, as a sentence for the caller. */
export class HintMistake {
  readonly detail: string

  constructor(detail: string) {
    this.detail = detail
  }
}

/** Longer ones are refused. */
export const MOST_CHARACTERS = 1024

const MEMBERS = ['zone', 'gpu', 'arch', 'burst', 'max-latency', 'label.NAME']
const LABEL = 'label.'
const MOST_MS = 3_600_000

/**
 * Reads the value of `Dispatch-Hint`, a Dictionary of RFC 9651:
 *
 *     zone="eu-west-1/a", gpu="a100", arch="arm64", label.tier="gold", burst=?0, max-latency=200
 *
 * `gpu` alone asks for any. Of a member that stands there twice the last counts (RFC 9651, 4.2.2). Members that nobody
 * knows are refused: they would restrict the placement, and a restriction must not go unheard. Never throws.
 *
 * @param value Several fields joined by commas.
 */
export function parseHint(value: string): Hint | HintMistake {
  if (value.length > MOST_CHARACTERS)
    return new HintMistake(`It is longer than ${MOST_CHARACTERS} characters.`)
  let members: Map<string, Item | InnerList>
  try {
    members = parseDictionary(value)
  } catch (error) {
    return new HintMistake(`It is not a dictionary of RFC 9651: ${problemIn(error)}.`)
  }
  const draft: Draft = { zone: null, gpu: null, arch: null, labels: {}, burst: true, maxLatencyMs: Infinity }
  for (const [name, [item, parameters]] of members) {
    const mistake = parameters.size > 0 ? `${shown(name)} takes no parameters.` : read(draft, name, item)
    if (mistake !== null) return new HintMistake(mistake)
  }
  const { zone, gpu, arch, labels, burst, maxLatencyMs } = draft
  return new Hint(zone, { gpu, arch, memory: null, labels }, burst, maxLatencyMs)
}

interface Draft {
  zone: string | null
  gpu: Gpu | null
  arch: string | null
  labels: Record<string, string>
  burst: boolean
  maxLatencyMs: number
}

/** Takes one member over; returns what is wrong with it, or null. */
function read(draft: Draft, name: string, item: BareItem | Item[]): string | null {
  switch (name) {
    case 'zone':
      if (typeof item !== 'string' || !isZone(item))
        return 'zone must be a region or a region and zone in quotes, such as zone="eu-west-1/a".'
      draft.zone = item
      return null
    case 'gpu':
      if (typeof item !== 'boolean' && !isName(item))
        return 'gpu must stand alone, or be a model in lower case and quotes, such as gpu="a100".'
      draft.gpu = item === false ? null : { model: item === true ? null : item, count: 1 }
      return null
    case 'arch':
      if (!isArchitecture(item)) return `arch must be one of ${ARCHITECTURES.join(', ')}, in quotes.`
      draft.arch = item
      return null
    case 'burst':
      if (typeof item !== 'boolean') return 'burst must be ?0 or ?1.'
      draft.burst = item
      return null
    case 'max-latency':
      if (typeof item !== 'number' || !(item >= 1 && item <= MOST_MS))
        return `max-latency must be a number of milliseconds from 1 to ${MOST_MS}.`
      draft.maxLatencyMs = item
      return null
    default:
      return readLabel(draft, name, item)
  }
}

function readLabel(draft: Draft, name: string, item: BareItem | Item[]): string | null {
  const label = name.slice(LABEL.length)
  if (!name.startsWith(LABEL) || !isName(label)) {
    const meant = nearest(name, MEMBERS)
    return `${shown(name)} is unknown${meant === null ? '' : `; ${meant} may be meant`}. Known are ${MEMBERS.join(', ')}.`
  }
  if (typeof item !== 'string' || item === '') return `${shown(name)} must be a text in quotes, not empty.`
  draft.labels[label] = item
  return null
}

const NAME = new RegExp(NAME_PATTERN)

function isName(item: unknown): item is string {
  return typeof item === 'string' && NAME.test(item)
}

function isArchitecture(item: unknown): item is string {
  return (ARCHITECTURES as readonly unknown[]).includes(item)
}

/** Names of members are ASCII. */
function shown(name: string): string {
  return name.length > 60 ? `${name.slice(0, 57)}...` : name
}

/** What the parser says, which may repeat a piece of the value. */
function problemIn(error: unknown): string {
  if (!(error instanceof ParseError)) return 'it cannot be parsed'
  return error.message
    .replace(/^Parse error: /, '')
    .replace(/[^\x20-\x7e]/g, '?')
    .slice(0, 200)
}
