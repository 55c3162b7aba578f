import { lacksOf } from '../../constraints/needs.ts'
import { isResident, residencyLack } from '../../constraints/residency.ts'
import { quote } from '../mistakes.ts'
import type { Reading } from '../reading/reading.ts'
import type { BackendConfig } from '../schema/backends.ts'
import type { FunctionConfig } from '../schema/functions.ts'
import type { Located } from '../written.ts'
import type { Assembly } from './assembly.ts'

/** More deployments are not told one by one. */
const MOST_TOLD = 5

/** One deployment of a function, with why calls never go there. */
interface Judged {
  readonly at: Located
  readonly backend: BackendConfig
  /** Empty when they can. */
  readonly lacks: readonly string[]
}

/**
 * Refuses a function that can run nowhere; warns of deployments that calls never go to, and of settings that need more
 * of them.
 *
 * @param written What the file says of it.
 */
export function checkSuitability(
  assembly: Assembly,
  fn: FunctionConfig,
  written: object,
  backends: ReadonlyMap<string, BackendConfig>,
): void {
  const judged = judge(assembly, fn, backends)
  // What is wrong with the others has been told.
  if (judged.length < fn.deployments.length || judged.length === 0) return
  const suitable = judged.filter(({ lacks }) => lacks.length === 0)
  // A `burst` with mistakes was meant to allow it.
  const { mistakes } = assembly.reading
  const mayBurst = fn.burst !== null || (mistakes.hasErrors && assembly.reading.wrote(written, 'burst'))
  const usable = suitable.filter(({ backend }) => mayBurst || !backend.burst)
  if (suitable.length === 0) refuseUnsuitable(assembly, fn, written, judged)
  else if (usable.length === 0) refuseBurstOnly(assembly, written)
  else warnOfUseless(assembly, judged, usable)
  if (usable.length > 0) checkUse(assembly, fn, written, usable)
}

/** @param usable The deployments that calls can go to. */
function checkUse(
  { reading }: Assembly,
  fn: FunctionConfig,
  written: object,
  usable: readonly Judged[],
): void {
  if (fn.burst !== null && !usable.some(({ backend }) => backend.burst)) {
    reading.refuse(reading.locate(written, 'burst'), {
      message: 'no deployment that suits this function is on a burst backend',
      expected: 'a deployment on a backend with `burst: true`, or no `burst` here',
    })
  }
  if (usable.length > 1) return
  if (fn.hedge !== null) warnOfLoneliness(reading, reading.locate(written, 'hedge'))
  if (fn.coldStart !== 'wait') warnOfLoneliness(reading, reading.locate(written, 'coldStart'))
}

function judge(
  assembly: Assembly,
  { deployments, needs, residency }: FunctionConfig,
  backends: ReadonlyMap<string, BackendConfig>,
): Judged[] {
  // An empty list had mistakes.
  const areas = residency?.length === 0 ? null : residency
  return deployments.flatMap((deployment) => {
    const backend = backends.get(deployment.backend)
    if (backend === undefined) return []
    const away = residencyLack(backend.zone, areas)
    const lacks = [...lacksOf(backend.offers, needs), ...(away === null ? [] : [away])]
    return [{ at: assembly.places.of(deployment), backend, lacks }]
  })
}

function refuseUnsuitable(
  { reading }: Assembly,
  { residency }: FunctionConfig,
  written: object,
  judged: readonly Judged[],
): void {
  const told = judged.slice(0, MOST_TOLD).map(sayLacks)
  const more = judged.length > MOST_TOLD ? `; and ${judged.length - MOST_TOLD} more` : ''
  const isAway = judged.every(({ backend }) => !isResident(backend.zone, residency))
  reading.refuse(reading.locate(written, isAway ? 'residency' : 'needs'), {
    message: `no deployment suits this function: ${told.join('; ')}${more}`,
    expected: isAway
      ? 'a deployment on a backend whose `zone` is within `residency`'
      : 'a deployment on a backend that `offers` all of `needs`',
  })
}

function refuseBurstOnly({ reading }: Assembly, written: object): void {
  reading.refuse(reading.locate(written, 'deployments'), {
    message: 'all deployments that suit this function are on burst backends, and it may not burst',
    expected: '`burst` with a budget, or a deployment on a backend without `burst: true`',
  })
}

function warnOfUseless({ reading }: Assembly, judged: readonly Judged[], usable: readonly Judged[]): void {
  for (const one of judged.filter((other) => !usable.includes(other))) {
    const isBarred = one.lacks.length === 0
    reading.refuse(one.at, {
      level: 'warning',
      message: isBarred
        ? `calls never go here: ${quote(one.backend.name)} is a burst backend and the function has no \`burst\``
        : `calls never go here: ${sayLacks(one)}`,
      expected: isBarred ? '`burst` with a budget' : null,
    })
  }
}

function warnOfLoneliness(reading: Reading, at: Located): void {
  reading.refuse(at, {
    level: 'warning',
    message: 'this does nothing: calls can go to one deployment only',
    expected: 'a second deployment that suits the function',
  })
}

function sayLacks({ backend, lacks }: Judged): string {
  return `${quote(backend.name)} ${lacks.join(' and ')}`
}
