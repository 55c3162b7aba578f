import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'

/**
 * Reads `hold PID` and `release PID`; when its input ends, for whatever reason, kills what it still holds and removes
 * the folder. Signals of a terminal are not for it.
 */
const SCRIPT = `
trap '' HUP INT TERM
held=
while read -r verb pid; do
  case $verb in
    hold) held="$held $pid" ;;
    release)
      kept=
      for each in $held; do [ "$each" = "$pid" ] || kept="$kept $each"; done
      held=$kept ;;
  esac
done
for each in $held; do kill -9 "$each"; done
rm -rf "$1"
`

/** Milliseconds before a shell that ended is replaced. */
const RESPAWN_MS = 1000

/**
 * Sees to it that no process outlives the gateway, even one that was killed: a shell at the other end of a pipe, which
 * the kernel closes when we are gone. (Node cannot ask the kernel to kill a child with its parent, workerd does not
 * watch its input, and a list of stale process ids would help only after the next start, if there is one.)
 */
export class Lifeline {
  readonly #folder: string
  readonly #held = new Set<number>()
  #shell: ChildProcess
  #closed = false

  /** @param folder Private folder that is removed at the end. */
  constructor(folder: string) {
    this.#folder = folder
    this.#shell = this.#spawn()
  }

  hold(pid: number): void {
    this.#held.add(pid)
    this.#say(`hold ${pid}`)
  }

  release(pid: number): void {
    this.#held.delete(pid)
    this.#say(`release ${pid}`)
  }

  /** Removes the folder; what is still held is killed. */
  async close(): Promise<void> {
    this.#closed = true
    if (this.#shell.exitCode !== null || this.#shell.signalCode !== null) return
    const gone = once(this.#shell, 'exit')
    this.#shell.stdin?.end()
    await gone
  }

  #say(line: string): void {
    this.#shell.stdin?.write(`${line}\n`)
  }

  /** Somebody killed the shell: another one takes over what it held. */
  #replace(): void {
    if (this.#closed) return
    this.#shell = this.#spawn()
    for (const pid of this.#held) this.#say(`hold ${pid}`)
  }

  #spawn(): ChildProcess {
    // A session of its own: what ends the gateway's process group must not end this first.
    const shell = spawn('/bin/sh', ['-c', SCRIPT, 'dispatch-lifeline', this.#folder], {
      stdio: ['pipe', 'ignore', 'ignore'],
      detached: true,
      env: { PATH: '/usr/local/bin:/usr/bin:/bin' },
    })
    shell.stdin?.on('error', () => {})
    shell.on('error', () => {})
    shell.on('exit', () => setTimeout(() => this.#replace(), RESPAWN_MS).unref())
    return shell
  }
}
