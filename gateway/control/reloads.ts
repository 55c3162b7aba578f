import type { Log } from '../contract/plugin.ts'
import type { ReloadHistory } from '../observe/gateway-status.ts'

/** Runs reloads one at a time, and keeps how they went. */
export class Reloads {
  #history: ReloadHistory = { succeeded: 0, failed: 0, lastError: null }
  readonly #reload: () => Promise<readonly string[]>
  readonly #log: Log
  #running: Promise<readonly string[]> | null = null
  #next: Promise<readonly string[]> | null = null

  /** @param reload Takes the configuration as it is now, or gives the reasons why it stays as it was. Never rejects. */
  constructor(reload: () => Promise<readonly string[]>, log: Log) {
    this.#reload = reload
    this.#log = log
  }

  get history(): ReloadHistory {
    return this.#history
  }

  /**
   * Reloads. Whoever asks while a reload runs waits for one more after it, together with all others who ask meanwhile:
   * it sees what changed for any of them.
   *
   * @returns Why the configuration was refused; empty when it was taken.
   */
  request(): Promise<readonly string[]> {
    if (this.#next !== null) return this.#next
    if (this.#running === null) return this.#run()
    this.#next = this.#running.then(() => {
      this.#next = null
      return this.#run()
    })
    return this.#next
  }

  /** Resolves when no reload runs. */
  async idle(): Promise<void> {
    while (this.#running !== null) await this.#running
  }

  #run(): Promise<readonly string[]> {
    const running = this.#runOnce()
    this.#running = running
    return running
  }

  async #runOnce(): Promise<readonly string[]> {
    const mistakes = await this.#reload()
    this.#running = null
    const { succeeded, failed } = this.#history
    if (mistakes.length === 0) {
      this.#history = { succeeded: succeeded + 1, failed, lastError: null }
      this.#log.info({}, 'the configuration was reloaded')
    } else {
      this.#history = { succeeded, failed: failed + 1, lastError: { at: Date.now(), mistakes } }
      this.#log.error({ mistakes }, 'the configuration was refused; the one before serves on')
    }
    return mistakes
  }
}
