import { BurstBudget, type BurstLimits } from '../capacity/burst-budget.ts'
import { NANO } from '../capacity/call-price.ts'
import type { BudgetConfig } from '../config/schema/budgets.ts'
import type { FunctionConfig } from '../config/schema/functions.ts'
import type { Config } from '../config/schema.ts'
import type { Log } from '../contract/plugin.ts'
import type { SharedCells } from '../contract/shared-cells.ts'

/** The two budgets that a burst call of a Function must pass. */
export interface FunctionBurst {
  readonly own: BurstBudget
  /** That of its organization. */
  readonly shared: BurstBudget
}

/** The budgets of one configuration, seen from one thread. All threads see the same ledgers. */
export class BurstBudgets {
  /** In the order of the configuration: of each organization that may burst, then of its Functions. */
  readonly all: readonly BurstBudget[]
  readonly #byFunction: ReadonlyMap<string, FunctionBurst>

  constructor(all: readonly BurstBudget[], byFunction: ReadonlyMap<string, FunctionBurst>) {
    this.all = all
    this.#byFunction = byFunction
  }

  /** Null when the Function never bursts. */
  of(fn: Pick<FunctionConfig, 'organization' | 'name'>): FunctionBurst | null {
    return this.#byFunction.get(keyOf(fn)) ?? null
  }
}

/**
 * Finds the ledgers of every Function that may burst and of its organization. On the main thread this is what allocates
 * them.
 *
 * @param threads Number of threads that may call. @param thread Index of this one.
 */
export function burstBudgets(
  config: Pick<Config, 'organizations' | 'functions'>,
  cells: SharedCells,
  threads: number,
  thread: number,
  log: Log,
): BurstBudgets {
  const open = (organization: string, functionName: string | null, budget: BudgetConfig | null) =>
    new BurstBudget({ organization, functionName }, limitsOf(budget), cells, threads, thread, log)
  const all: BurstBudget[] = []
  const byFunction = new Map<string, FunctionBurst>()
  for (const { name: organization, burst } of config.organizations) {
    const functions = config.functions.filter((fn) => fn.organization === organization && fn.burst !== null)
    if (functions.length === 0) continue
    const shared = open(organization, null, burst.budget)
    all.push(shared)
    for (const fn of functions) {
      const own = open(organization, fn.name, fn.burst!.budget)
      all.push(own)
      byFunction.set(keyOf(fn), { own, shared })
    }
  }
  return new BurstBudgets(all, byFunction)
}

function limitsOf(budget: BudgetConfig | null): BurstLimits {
  const money = budget?.money ?? null
  return {
    concurrency: budget?.concurrency ?? null,
    rate: budget?.rate ?? null,
    moneyNano: money === null ? null : Math.round(money * NANO),
  }
}

function keyOf({ organization, name }: Pick<FunctionConfig, 'organization' | 'name'>): string {
  return `${organization}/${name}`
}
