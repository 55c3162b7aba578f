import type { Log } from '../contract/plugin.ts'
import type { SharedCells } from '../contract/shared-cells.ts'
import { NANO } from './call-price.ts'
import { HeldCount } from './held-count.ts'
import { RollingTotal, type Use } from './rolling-total.ts'

const SECOND_MS = 1000
const HOUR_MS = 3_600_000
/** How long a budget is said to refuse when no call asks any more. */
const REFUSING_MS = 60_000
const WORD = 2

/** Share of the money at which the operator is warned. */
export const WARNING_SHARE = 0.8

/** What a budget can refuse a burst call for. */
export const BURST_REASONS = ['concurrency', 'rate', 'money'] as const

export type BurstReason = (typeof BURST_REASONS)[number]

const REFUSING = BURST_REASONS.length
const REFUSED_AT = REFUSING + 1
const WARNED_AT = REFUSING + 2
const USED_UP_AT = REFUSING + 3
const WORDS = REFUSING + 4

/** What a budget allows. Null: no limit of this kind. 0: never. */
export interface BurstLimits {
  /** Calls at once. */
  readonly concurrency: number | null
  /** Calls that may begin in any second. */
  readonly rate: number | null
  /** Billionths of the currency in any 60 minutes. */
  readonly moneyNano: number | null
}

/** Whose budget it is; `functionName` is null for all functions of the organization together. */
export interface BurstOwner {
  readonly organization: string
  readonly functionName: string | null
}

/** A budget at one moment. Amounts are billionths of the currency. */
export interface BurstReading {
  readonly owner: BurstOwner
  readonly limits: BurstLimits
  readonly inFlight: number
  /** Calls that began within the last second. */
  readonly rate: number
  /** Paid within the last hour. */
  readonly spentNano: number
  /** What running calls may cost at most; counts against the limit as well. */
  readonly reservedNano: number
  /** Of the limit of money that is paid or reserved; 0 without one, 1 when the limit is 0. */
  readonly moneyShare: number
  /** What the latest call that asked was refused for; null when it was let through, or when none asks any more. */
  readonly refusing: BurstReason | null
  /** Since the gateway started, as are the next two. */
  readonly refused: Readonly<Record<BurstReason, number>>
  readonly calls: number
  readonly everSpentNano: number
}

/**
 * What a Function, or an organization, may use of Backends that cost money: calls at once, calls per second, money per
 * hour. Exact and hard over all threads. The bounds: never more than `concurrency` calls at once; never more than `rate`
 * begun in any second; never more than `moneyNano` in any 60 minutes, counting running calls with the most they may
 * cost. A little more than those windows may be counted (a 60th), so a budget can be used up a minute longer than needed.
 *
 * The ledger is kept over reloads that keep the budget, whatever its limits become.
 * What a dead thread had running no longer counts as running, and counts as paid in full.
 */
export class BurstBudget {
  readonly owner: BurstOwner
  readonly limits: BurstLimits
  readonly #calls: HeldCount
  readonly #begun: RollingTotal
  readonly #money: RollingTotal
  readonly #cells: BigInt64Array
  readonly #log: Log
  readonly #mostCalls: number
  readonly #mostBegun: number
  readonly #mostNano: number
  readonly #warnNano: number

  /** @param threads Number of threads that may burst. @param thread Index of this one. */
  constructor(
    owner: BurstOwner,
    limits: BurstLimits,
    cells: SharedCells,
    threads: number,
    thread: number,
    log: Log,
  ) {
    const key =
      owner.functionName === null ? owner.organization : `${owner.organization}/${owner.functionName}`
    const piece = cells.claim(`burst:${key}`, WORDS * WORD)
    this.owner = owner
    this.limits = limits
    this.#calls = new HeldCount(cells, `burst:${key}`, threads, thread)
    this.#begun = RollingTotal.claim(cells, `burst-rate:${key}`, threads, thread, SECOND_MS)
    this.#money = RollingTotal.claim(cells, `burst-money:${key}`, threads, thread, HOUR_MS)
    this.#cells = new BigInt64Array(piece.buffer, piece.byteOffset, WORDS)
    this.#log = log
    this.#mostCalls = limits.concurrency ?? Number.MAX_SAFE_INTEGER
    this.#mostBegun = limits.rate ?? Number.MAX_SAFE_INTEGER
    this.#mostNano = limits.moneyNano ?? Number.MAX_SAFE_INTEGER
    this.#warnNano = limits.moneyNano === null ? Infinity : limits.moneyNano * WARNING_SHARE
  }

  /**
   * Takes a call that may cost so much, or answers no and takes nothing. Each yes is followed by one `commit` or `undo`
   * at once; what is committed by one `settle`.
   *
   * @param now Milliseconds since 1970.
   */
  tryReserve(nano: number, now: number): boolean {
    if (!this.#calls.tryAcquire(this.#mostCalls)) return this.#refuse('concurrency', now)
    if (!this.#begun.tryReserve(1, this.#mostBegun, now)) {
      this.#calls.release()
      return this.#refuse('rate', now)
    }
    if (!this.#money.tryReserve(nano, this.#mostNano, now)) {
      this.#begun.settle(1, 0, now)
      this.#calls.release()
      return this.#refuse('money', now)
    }
    return true
  }

  /** What `tryReserve` would refuse such a call for, without taking or counting anything; null when it would not. */
  wouldRefuse(nano: number, now: number): BurstReason | null {
    if (this.#calls.value >= this.#mostCalls) return 'concurrency'
    if (!this.#begun.hasRoom(1, this.#mostBegun, now)) return 'rate'
    return this.#money.hasRoom(nano, this.#mostNano, now) ? null : 'money'
  }

  /** The call is sent. */
  commit(now: number): void {
    this.#begun.settle(1, 1, now)
    if (Atomics.load(this.#cells, REFUSING) !== 0n) Atomics.store(this.#cells, REFUSING, 0n)
    if (this.#money.total(now) >= this.#warnNano && this.#isFirst(WARNED_AT, now)) {
      this.#log.warn(this.#facts(now), 'a burst budget is nearly used up')
    }
  }

  /** Another budget refused the call. */
  undo(nano: number, now: number): void {
    this.#money.settle(nano, 0, now)
    this.#begun.settle(1, 0, now)
    this.#calls.release()
  }

  /** Takes more for a call that runs. */
  tryExtend(nano: number, now: number): boolean {
    return this.#money.tryReserve(nano, this.#mostNano, now)
  }

  /** Gives back what `tryExtend` took. */
  shorten(nano: number, now: number): void {
    this.#money.settle(nano, 0, now)
  }

  /** Takes what a call has cost already, limit or not: no call passes until that has aged. */
  owe(nano: number): void {
    this.#money.reserve(nano)
  }

  /** The call is over. @param reservedNano All that was taken for it. @param usedNano What it cost. */
  settle(reservedNano: number, usedNano: number, now: number): void {
    this.#money.settle(reservedNano, usedNano, now)
    this.#calls.release()
  }

  read(now: number): BurstReading {
    const { moneyNano } = this.limits
    const total = this.#money.total(now)
    const reservedNano = Math.min(total, this.#money.reserved)
    const isRecent = now - Number(Atomics.load(this.#cells, REFUSED_AT)) < REFUSING_MS
    const refusing = isRecent ? Number(Atomics.load(this.#cells, REFUSING)) : 0
    const refused = (reason: BurstReason) => Number(Atomics.load(this.#cells, BURST_REASONS.indexOf(reason)))
    return {
      owner: this.owner,
      limits: this.limits,
      inFlight: this.#calls.value,
      rate: this.#begun.total(now),
      spentNano: total - reservedNano,
      reservedNano,
      moneyShare: moneyNano === null ? 0 : moneyNano === 0 ? 1 : total / moneyNano,
      refusing: BURST_REASONS[refusing - 1] ?? null,
      refused: { concurrency: refused('concurrency'), rate: refused('rate'), money: refused('money') },
      calls: this.#begun.everSettled,
      everSpentNano: this.#money.everSettled,
    }
  }

  /** The money of the last hour, in billionths; what running calls may cost counts as paid now. */
  payments(now: number): Use[] {
    return this.#money.uses(now)
  }

  /** Counts money that was paid before the gateway started. To be called before any thread bursts. */
  restore(payments: readonly Use[], now: number): void {
    this.#money.restore(payments, now)
  }

  #refuse(reason: BurstReason, now: number): false {
    const index = BURST_REASONS.indexOf(reason)
    Atomics.add(this.#cells, index, 1n)
    Atomics.store(this.#cells, REFUSING, BigInt(index + 1))
    Atomics.store(this.#cells, REFUSED_AT, BigInt(Math.floor(now)))
    if (reason === 'money' && this.limits.moneyNano !== 0 && this.#isFirst(USED_UP_AT, now)) {
      this.#log.warn(this.#facts(now), 'a burst budget is used up')
    }
    return false
  }

  /** True for one thread within an hour. */
  #isFirst(index: number, now: number): boolean {
    const last = Atomics.load(this.#cells, index)
    const tooSoon = last !== 0n && now - Number(last) < HOUR_MS
    return !tooSoon && Atomics.compareExchange(this.#cells, index, last, BigInt(Math.floor(now))) === last
  }

  #facts(now: number): object {
    const { spentNano, reservedNano } = this.read(now)
    return {
      ...this.owner,
      limit: (this.limits.moneyNano ?? 0) / NANO,
      spent: spentNano / NANO,
      reserved: reservedNano / NANO,
    }
  }
}
