import { quote } from '../mistakes.ts'
import type { BackendConfig } from '../schema/backends.ts'
import type { BudgetConfig } from '../schema/budgets.ts'
import type { FunctionConfig } from '../schema/functions.ts'
import type { OrganizationConfig } from '../schema.ts'
import type { Assembly } from './assembly.ts'

/** The organizations with their budgets; `default` first. Call it when the functions are known. */
export function assembleOrganizations(
  assembly: Assembly,
  functions: readonly FunctionConfig[],
  backends: ReadonlyMap<string, BackendConfig>,
): OrganizationConfig[] {
  return assembly.scopes.map(({ organization: name, written }) => {
    const { burst } = written ?? assembly.document
    const own = functions.filter((fn) => fn.organization === name && fn.burst !== null)
    checkBudget(assembly, burst, burstBackendsOf(own, backends))
    return { name, burst }
  })
}

/** Refuses the budget of a function that binds nothing. */
export function checkFunctionBudget(
  assembly: Assembly,
  fn: FunctionConfig,
  backends: ReadonlyMap<string, BackendConfig>,
): void {
  if (fn.burst !== null) checkBudget(assembly, fn.burst, burstBackendsOf([fn], backends))
}

function burstBackendsOf(
  functions: readonly FunctionConfig[],
  backends: ReadonlyMap<string, BackendConfig>,
): BackendConfig[] {
  const names = new Set(functions.flatMap(({ deployments }) => deployments.map(({ backend }) => backend)))
  return [...backends.values()].filter(({ name, burst }) => burst && names.has(name))
}

/** @param used The burst backends that the budget is for. */
function checkBudget(
  { reading }: Assembly,
  burst: { readonly budget: BudgetConfig | null },
  used: readonly BackendConfig[],
): void {
  const { budget } = burst
  if (budget === null) return
  const bounds = ['concurrency', 'rate', 'money'] as const
  if (bounds.every((bound) => budget[bound] === null && !reading.wrote(budget, bound))) {
    reading.refuse(reading.locate(burst, 'budget'), {
      message: 'the budget bounds nothing',
      expected: 'concurrency, rate or money, or `unlimited`',
    })
  }
  if (budget.money === null || used.length === 0) return
  const free = used.filter(({ price }) => price.call === 0 && price.second === 0 && price.gbSecond === 0)
  if (free.length === 0) return
  const names = free.map(({ name }) => quote(name)).join(', ')
  reading.refuse(reading.locate(budget, 'money'), {
    level: free.length === used.length ? 'error' : 'warning',
    message: `this does not bound calls to ${names}: no price is given there`,
    expected: '`price` of the burst backends, or a bound by concurrency or rate',
  })
}
