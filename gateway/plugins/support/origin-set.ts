const ORIGIN = /^[a-z][a-z0-9+.-]*:\/\/[^\s/?#@\\]+$/
const LABEL_PART = /^[a-z0-9-]+$/
/** Stands for the wildcard while a pattern is checked as a URL. */
const SAMPLE = 'any-label'

interface Pattern {
  readonly before: string
  readonly after: string
}

/** Origins that may call: exact ones, and patterns with one wildcard in the first label of the host. */
export class OriginSet {
  /** True for `*`: every origin, also `null`. */
  readonly any: boolean
  readonly #exact: ReadonlySet<string>
  readonly #patterns: readonly Pattern[]

  /**
   * @param entries Origins as browsers send them (RFC 6454, 6.2), `null`, patterns, or `*` alone.
   * @throws Error That names an entry that no browser would send, or that allows more than it seems to.
   */
  constructor(entries: readonly string[]) {
    this.any = entries.includes('*')
    if (this.any && entries.length > 1) throw new Error('`*` allows every origin; leave out the others')
    for (const entry of entries) if (entry !== '*' && entry !== 'null') check(entry)
    this.#exact = new Set(entries.filter((entry) => !entry.includes('*')))
    this.#patterns = entries.filter((entry) => entry.includes('*') && entry !== '*').map(compile)
  }

  /** @param origin Value of an Origin header. */
  has(origin: string): boolean {
    if (this.any || this.#exact.has(origin)) return true
    for (let i = 0; i < this.#patterns.length; i++) if (matches(this.#patterns[i]!, origin)) return true
    return false
  }
}

function compile(entry: string): Pattern {
  const star = entry.indexOf('*')
  return { before: entry.slice(0, star), after: entry.slice(star + 1) }
}

function matches({ before, after }: Pattern, origin: string): boolean {
  const end = origin.length - after.length
  return (
    end > before.length &&
    origin.startsWith(before) &&
    origin.endsWith(after) &&
    LABEL_PART.test(origin.slice(before.length, end))
  )
}

function check(entry: string): void {
  const named = `"${entry}"`
  if (!ORIGIN.test(entry)) {
    throw new Error(
      `${named} is no origin: write scheme://host or scheme://host:port, in lower case, without a path`,
    )
  }
  const sample = entry.replace('*', SAMPLE)
  if (sample.includes('*')) throw new Error(`${named} has more than one wildcard`)
  if (sample !== entry) checkWildcard(entry, named)
  if (!/^https?:/.test(entry)) return
  const origin = URL.canParse(sample) ? new URL(sample).origin : null
  if (origin === null) throw new Error(`${named} is no origin: its host or port is not valid`)
  if (origin !== sample) {
    throw new Error(`${named} never matches: browsers send it as ${origin.replace(SAMPLE, '*')}`)
  }
}

/** Whoever owns the domain after the wildcard must own all that the pattern allows. */
function checkWildcard(entry: string, named: string): void {
  const host = entry.slice(entry.indexOf('://') + 3)
  const [first = '', ...domain] = host.replace(/:\d*$/, '').split('.')
  if (!first.includes('*'))
    throw new Error(`${named}: a wildcard may stand only in the first label of the host`)
  if (domain.length < 2 && domain[0] !== 'localhost') {
    throw new Error(`${named}: after the label with the wildcard there must be a domain such as example.com`)
  }
}
