import type { SharedCells } from '../contract/shared-cells.ts'

/** Shared numbers. Calls a second; zero while there is no pace to keep. */
const RATE = 0
/** The same when the platform last said that calls come too fast, and when that was. */
const BEFORE = 1
const CUT_AT = 2
/** When a call was last refused for its rate, by the platform or here. */
const REFUSED_AT = 3
const NUMBERS = 4

/** Shared words. Until when turns are booked, in hundredths of a millisecond, modulo 32 bits. */
const BOOKED_UNTIL = 0
/** The latest cut in milliseconds, modulo 32 bits, and the latest window with a rise. */
const CUT_WORD = 1
const RAISED_IN = 2
const WORDS = 3

const UNITS = 100
/** Turns of so many milliseconds may be taken at once by those who come after a pause. */
const BURST_MS = 1000

/** What is left of the rate after a cut, how steeply it rises, and its least (the adaptive mode of the AWS SDKs). */
const CUT = 0.7
const SCALE = 0.4
export const LEAST_PER_SECOND = 0.5

/** At most one rise in each of these windows, by so much at most: twice the rate in half a second. */
const WINDOW_MS = 100
const RISE = 2 ** (WINDOW_MS / 500)
/** A rate that nobody asks more than does not rise: nothing would be learned by it. */
const ASKED_WITHIN_MS = 1000
/** After so long without a refusal there is no pace to keep. */
const FORGET_MS = 60_000

/**
 * The least and the most that a platform can ask to be left alone for. A second is the least that `Retry-After` can say, so
 * it says no more than the refusal, after which nothing at all for a second would be too much.
 */
const LEAST_REST_MS = 1000
const MOST_REST_MS = 30_000

/** How long calls are counted to know how many a second there are. */
const COUNT_MS = 500

/**
 * Keeps to the rate that a platform bears, once it has said that calls come too fast: where the limit is one of calls a
 * second, fewer calls at once would not help. A bucket of turns over all threads whose rate follows CUBIC as in the
 * adaptive retry mode of the AWS SDKs: 0.7 of it after a refusal, then back to what it was, slowly near it, and beyond.
 * Three things differ. Of the calls that were under way together, one cuts, or many at once would choke a function for
 * what was one event. The rate rises with time and only while it is asked for, so a quiet minute does not leave half a
 * call a second. And it ends. Nothing is sent, and nothing is slower, while there is no turn: the Deployment is full.
 */
export class CallPace {
  readonly #numbers: Float64Array
  readonly #words: Int32Array
  readonly #threads: number
  readonly #epoch: number
  /** Of this thread alone: calls in this window, its begin, and calls a second in the window before. */
  #count = 0
  #countedSince = 0
  #perSecond = 0

  /**
   * @param threads Number of threads that may call.
   * @param epoch Milliseconds since 1970 when the gateway started; the same on every thread.
   */
  constructor(cells: SharedCells, key: string, threads: number, epoch: number) {
    const words = cells.claim(`call-pace:${key}`, NUMBERS * 2 + WORDS)
    this.#numbers = new Float64Array(words.buffer, words.byteOffset, NUMBERS)
    this.#words = words.subarray(NUMBERS * 2)
    this.#threads = threads
    this.#epoch = epoch
  }

  /** Calls a second over all threads; 0 while there is no pace to keep. */
  get perSecond(): number {
    return this.#numbers[RATE]!
  }

  /** Share of the turns of a second that are taken, 0 to 1. */
  use(now: number): number {
    const rate = this.#numbers[RATE]!
    return rate === 0 || this.#isForgotten(now) ? 0 : Math.min(1, this.#bookedMs(now) / burstMs(rate))
  }

  /** Whether `tryTake` would find a turn. */
  hasTurn(now: number): boolean {
    return this.untilTurnMs(now) === 0
  }

  /** Milliseconds until `tryTake` would find a turn, if nobody else took one. */
  untilTurnMs(now: number): number {
    const rate = this.#numbers[RATE]!
    if (rate === 0 || this.#isForgotten(now)) return 0
    return Math.max(0, this.#bookedMs(now) + 1000 / rate - burstMs(rate))
  }

  /**
   * Takes a turn for a call that is sent at once.
   *
   * @param now Milliseconds since 1970.
   */
  tryTake(now: number): boolean {
    if (this.#numbers[RATE] !== 0 && !this.#tryBook(now)) return false
    if (now - this.#countedSince >= COUNT_MS) this.#countAnew(now)
    this.#count++
    return true
  }

  /** A turn was taken and nothing is sent. */
  giveBack(): void {
    this.#count--
    const rate = this.#numbers[RATE]!
    if (rate !== 0) Atomics.sub(this.#words, BOOKED_UNTIL, unitsOf(rate))
  }

  /**
   * The platform says that calls come too fast.
   *
   * @param sentAt When the call was sent that heard it, in milliseconds since 1970.
   */
  refused(sentAt: number, now: number): void {
    const numbers = this.#numbers
    numbers[REFUSED_AT] = now
    const cut = Atomics.load(this.#words, CUT_WORD)
    const rate = numbers[RATE]!
    if (rate !== 0 && ((Math.floor(sentAt) - cut) | 0) < 0) return
    if (Atomics.compareExchange(this.#words, CUT_WORD, cut, Math.floor(now) | 0) !== cut) return
    numbers[BEFORE] = rate === 0 ? Math.max(LEAST_PER_SECOND, this.#measured(now) * this.#threads) : rate
    numbers[CUT_AT] = now
    numbers[RATE] = Math.max(LEAST_PER_SECOND, numbers[BEFORE] * CUT)
    this.#bookAll(now)
  }

  /**
   * The platform asks to be left alone, beside having refused a call.
   *
   * @param ms For how long. Of more than a second as much as 30 s are kept to.
   */
  rest(ms: number, now: number): void {
    const words = this.#words
    const rate = this.#numbers[RATE]!
    if (rate === 0 || !(ms > LEAST_REST_MS)) return
    const restMs = Math.min(ms, MOST_REST_MS)
    const at = Math.round(now * UNITS) | 0
    const until = Math.round((restMs + burstMs(rate)) * UNITS)
    for (;;) {
      const booked = Atomics.load(words, BOOKED_UNTIL)
      if (ahead(booked, at) >= until) return
      if (Atomics.compareExchange(words, BOOKED_UNTIL, booked, (at + until) | 0) === booked) break
    }
    // Nothing is learned meanwhile: the rate rises from its end on.
    this.#numbers[CUT_AT] = now + restMs
  }

  #tryBook(now: number): boolean {
    const numbers = this.#numbers
    this.#follow(now)
    const rate = numbers[RATE]!
    if (rate === 0) return true
    const words = this.#words
    const at = Math.round(now * UNITS) | 0
    const most = burstMs(rate) * UNITS
    for (;;) {
      const booked = Atomics.load(words, BOOKED_UNTIL)
      const next = ahead(booked, at) + unitsOf(rate)
      if (next > most) {
        numbers[REFUSED_AT] = now
        return false
      }
      if (Atomics.compareExchange(words, BOOKED_UNTIL, booked, (at + next) | 0) === booked) return true
    }
  }

  /** Lets the rate rise with the time since the cut, or ends it. */
  #follow(now: number): void {
    const numbers = this.#numbers
    const window = Math.max(1, Math.floor((now - this.#epoch) / WINDOW_MS) + 1) | 0
    const before = Atomics.load(this.#words, RAISED_IN)
    if (before === window || Atomics.compareExchange(this.#words, RAISED_IN, before, window) !== before)
      return
    const quietMs = now - numbers[REFUSED_AT]!
    if (quietMs >= FORGET_MS) numbers[RATE] = 0
    if (quietMs >= ASKED_WITHIN_MS) return
    const rate = numbers[RATE]!
    const regained = Math.cbrt((numbers[BEFORE]! * (1 - CUT)) / SCALE)
    const cubic = SCALE * ((now - numbers[CUT_AT]!) / 1000 - regained) ** 3 + numbers[BEFORE]!
    numbers[RATE] = Math.max(rate, Math.min(cubic, rate * RISE))
  }

  /** The bucket is empty: what was not asked for before the cut does not count after it. */
  #bookAll(now: number): void {
    const until = Math.round((now + burstMs(this.#numbers[RATE]!)) * UNITS) | 0
    Atomics.store(this.#words, BOOKED_UNTIL, until)
  }

  /** Bookings of so long ago say nothing: their times come round again. */
  #isForgotten(now: number): boolean {
    return now - this.#numbers[REFUSED_AT]! >= FORGET_MS
  }

  #bookedMs(now: number): number {
    return ahead(Atomics.load(this.#words, BOOKED_UNTIL), Math.round(now * UNITS) | 0) / UNITS
  }

  #countAnew(now: number): void {
    this.#perSecond = (this.#count * 1000) / Math.max(COUNT_MS, now - this.#countedSince)
    this.#count = 0
    this.#countedSince = now
  }

  #measured(now: number): number {
    return Math.max(this.#perSecond, (this.#count * 1000) / Math.max(COUNT_MS, now - this.#countedSince))
  }
}

/** A slow bucket holds one turn at least. */
function burstMs(rate: number): number {
  return Math.max(BURST_MS, 1000 / rate)
}

function unitsOf(rate: number): number {
  return Math.max(1, Math.round((1000 * UNITS) / rate))
}

/** A turn of the slowest bucket beyond its burst and a rest. */
const MOST_AHEAD = (2000 / LEAST_PER_SECOND + MOST_REST_MS) * UNITS

/** How far the books are ahead of a time. What lies further ahead than any booking is long past. */
function ahead(booked: number, at: number): number {
  const units = (booked - at) | 0
  return units > 0 && units <= MOST_AHEAD ? units : 0
}
