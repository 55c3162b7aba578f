import type { Fields, Json } from '../field.ts'
import { pretty, Refusal, sentences } from '../refusals.ts'
import { isRecord, type Problem, type Problems } from '../validate.ts'
import type { Written } from './collect.ts'

/** Declarative configuration in which something is wrong, with all of it. */
export class Wrong {
  readonly all: { written: Written | null; where: readonly (string | number)[]; problem: Problem }[] = []

  add(where: readonly (string | number)[], problem: Problem, written: Written | null = null): void {
    this.all.push({ where, problem, written })
  }

  refusal(flattened: boolean): Refusal {
    const fields: Problems = {}
    for (const { where, problem, written } of this.all)
      if (!flattened || !written) place(fields, where, problem)
    return new Refusal(400, {
      message: `declarative config is invalid: ${pretty(fields as Fields)}`,
      fields: fields as Fields,
      ...(flattened
        ? { flattened_errors: this.all.flatMap(({ written, problem }) => flat(written, problem)) }
        : {}),
      name: 'invalid declarative configuration',
      code: 14,
    })
  }
}

function place(fields: Problems, where: readonly (string | number)[], problem: Problem): void {
  // A list is filled by its indexes, as a table is by its names.
  let at: Record<string | number, Problem | null> = fields
  where.slice(0, -1).forEach((key, i) => {
    at[key] ??= typeof where[i + 1] === 'number' ? [] : {}
    at = at[key] as typeof at
  })
  const last = where.at(-1)!
  at[last] =
    isRecord(at[last] as Json) && isRecord(problem as Json)
      ? { ...(at[last] as Problems), ...(problem as Problems) }
      : problem
  if (Array.isArray(at)) for (let i = 0; i < at.length; i++) at[i] ??= null
}

function flat(written: Written | null, problem: Problem): Fields[] {
  if (written === null) return []
  const { kind, given, generated } = written
  const { id, ...rest } = given
  const whole =
    typeof problem === 'string' ? [] : (((problem as Problems)['@entity'] as string[] | undefined) ?? [])
  const own = typeof problem === 'string' ? problem : { ...(problem as Problems) }
  if (typeof own === 'object') delete own['@entity']
  const errors = [
    ...whole.map((message) => ({ type: 'entity', message })),
    ...sentences(own).map((sentence) => {
      const [field = '', ...message] = sentence.split(': ')
      return { type: 'field', field, message: message.join(': ') }
    }),
  ]
  return [
    {
      entity_type: kind.name.replace(/s$/, ''),
      entity: generated ? rest : given,
      ...(typeof given['name'] === 'string' ? { entity_name: given['name'] } : {}),
      ...(generated ? {} : { entity_id: id! }),
      ...(Array.isArray(given['tags']) ? { entity_tags: given['tags'] } : {}),
      errors,
    },
  ]
}
