import type { Json } from './field.ts'
import { Refusal } from './refusals.ts'
import type { Entity } from './tables.ts'

const invalidSize = (message: string) => new Refusal(400, { message, name: 'invalid size', code: 9 })

/**
 * One page of rows that are in the order of their ids. A collection at the top keeps `size` and `tags` in `next`; one
 * below an entity does not.
 */
export function pageOf(
  rows: readonly Entity[],
  path: string,
  query: URLSearchParams,
  nested: boolean,
): { data: Entity[]; next: string | null; offset?: string } {
  const size = sizeOf(query.get('size'))
  const offset = query.get('offset')
  const after = offset === null ? null : idOf(offset)
  const start = after === null ? 0 : firstBehind(rows, after)
  const data = rows.slice(start, start + size)
  if (start + size >= rows.length) return { data, next: null }
  const next = Buffer.from(JSON.stringify([data.at(-1)!.id])).toString('base64url')
  const tags = query.get('tags')
  const kept = nested
    ? ''
    : `${tags === null ? '' : `&tags=${encodeURIComponent(tags)}`}${query.get('size') === null ? '' : `&size=${size}`}`
  return { data, next: `${path}?offset=${next}${kept}`, offset: next }
}

/** One page of the targets of an upstream, the newest first; the offset is the number of those before it. */
export function pageOfTargets(targets: readonly Entity[], path: string, query: URLSearchParams) {
  const newest = targets.toSorted(
    (a, b) => (b['created_at'] as number) - (a['created_at'] as number) || (a.id < b.id ? 1 : -1),
  )
  const start = Number(query.get('offset') ?? 0)
  const end = start + sizeOf(query.get('size'))
  const data = newest.slice(start, end)
  if (end >= newest.length) return { data, next: null }
  return { data, next: `${path}?offset=${end}`, offset: String(end) }
}

function firstBehind(rows: readonly Entity[], id: string): number {
  let [low, high] = [0, rows.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if (rows[middle]!.id <= id) low = middle + 1
    else high = middle
  }
  return low
}

function sizeOf(text: string | null): number {
  if (text === null) return 100
  if (!/^-?\d+(\.\d+)?$/.test(text)) throw invalidSize('size must be a number')
  const size = Number(text)
  if (!Number.isInteger(size) || size < 1 || size > 1000)
    throw invalidSize('size must be an integer between 1 and 1000')
  return size
}

function idOf(offset: string): string {
  try {
    const [id] = JSON.parse(Buffer.from(offset, 'base64url').toString()) as Json[]
    if (typeof id === 'string') return id
  } catch {
    // Said below.
  }
  throw new Refusal(400, {
    message: `'${offset}' is not a valid offset: bad ${/^[\w-]*$/.test(offset) ? 'json' : 'base64'} encoding`,
    name: 'invalid offset',
    code: 7,
  })
}

/** The rows that a filter by tags leaves: `a,b` has both, `a/b` one of them. */
export function taggedWith(rows: Entity[], filter: string | null): Entity[] {
  if (filter === null) return rows
  if (filter === '') throw invalidTags('cannot be null')
  if (filter.includes(',') && filter.includes('/')) throw invalidTags('invalid filter syntax')
  const wanted = filter.split(/[,/]/)
  if (wanted.length > 5) throw invalidTags('cannot query more than 5 tags')
  const has = (row: Entity) => (tag: string) => ((row['tags'] ?? []) as string[]).includes(tag)
  return rows.filter((row) => (filter.includes('/') ? wanted.some(has(row)) : wanted.every(has(row))))
}

function invalidTags(sentence: string): Refusal {
  return new Refusal(400, {
    name: 'invalid options',
    message: `invalid option (tags: ${sentence})`,
    options: { tags: sentence },
    code: 11,
  })
}
