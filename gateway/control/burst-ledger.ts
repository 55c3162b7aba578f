import { Type } from 'typebox'
import { Value } from 'typebox/value'
import type { BurstBudget } from '../capacity/burst-budget.ts'
import type { Log } from '../contract/plugin.ts'
import type { StateDirectory } from '../development/state-directory.ts'

const FILE = 'burst-ledger.json'
/** How much spending a process that is killed may leave unwritten. */
const EVERY_MS = 1000

const Ledger = Type.Object({
  budgets: Type.Array(
    Type.Object({
      organization: Type.String(),
      functionName: Type.Union([Type.String(), Type.Null()]),
      payments: Type.Array(
        Type.Object({ atMs: Type.Number({ minimum: 0 }), amount: Type.Integer({ minimum: 0 }) }),
      ),
    }),
  ),
})

/** Gives each budget what was paid from it before the gateway started. A file that cannot be read is said and left. */
export async function restoreLedger(
  state: StateDirectory,
  budgets: readonly BurstBudget[],
  log: Log,
): Promise<void> {
  if (!budgets.some(spendsMoney)) return
  try {
    const written = await state.read(FILE)
    if (written === null) return
    const ledger = Value.Parse(Ledger, JSON.parse(written))
    const now = Date.now()
    for (const { organization, functionName, payments } of ledger.budgets) {
      const budget = budgets.find(
        ({ owner }) => owner.organization === organization && owner.functionName === functionName,
      )
      budget?.restore(payments, now)
    }
  } catch (error) {
    log.error(
      { err: error, file: state.path(FILE) },
      'what was paid for bursts before the start cannot be read: the budgets of money begin anew',
    )
  }
}

/** Writes what is paid for bursts into the state directory, once a second while it changes. */
export class BurstLedger {
  readonly #state: StateDirectory
  readonly #budgets: () => readonly BurstBudget[]
  readonly #log: Log
  #timer: NodeJS.Timeout | null = null
  #written = ''
  #writing: Promise<void> | null = null
  #failing = false

  /** @param budgets Those of the newest configuration. */
  constructor(state: StateDirectory, budgets: () => readonly BurstBudget[], log: Log) {
    this.#state = state
    this.#budgets = budgets
    this.#log = log
  }

  start(): void {
    this.#timer = setInterval(() => void this.save(), EVERY_MS).unref()
  }

  /** Resolves when the state of this moment, or one after it, is written or could not be. */
  async save(): Promise<void> {
    while (this.#writing !== null) await this.#writing
    const ledger = this.#ledger()
    if (ledger === this.#written) return
    this.#writing = this.#write(ledger).finally(() => {
      this.#writing = null
    })
    await this.#writing
  }

  /** Writes what is paid until now. To be called when no call runs any more. */
  async close(): Promise<void> {
    if (this.#timer !== null) clearInterval(this.#timer)
    await this.save()
  }

  /** Empty when there is nothing to keep. */
  #ledger(): string {
    const now = Date.now()
    const budgets = this.#budgets()
      .filter(spendsMoney)
      .map((budget) => ({ ...budget.owner, payments: budget.payments(now) }))
    if (this.#written === '' && budgets.every(({ payments }) => payments.length === 0)) return ''
    return `${JSON.stringify({ budgets })}\n`
  }

  async #write(ledger: string): Promise<void> {
    try {
      await this.#state.write(FILE, ledger)
      this.#written = ledger
      this.#failing = false
    } catch (error) {
      if (this.#failing) return
      this.#failing = true
      this.#log.error(
        { err: error, file: this.#state.path(FILE) },
        'what is paid for bursts cannot be written: a restart would forget it',
      )
    }
  }
}

function spendsMoney({ limits }: BurstBudget): boolean {
  return limits.moneyNano !== null && limits.moneyNano > 0
}
