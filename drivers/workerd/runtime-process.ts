import { type ChildProcess, spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { unlinkSync } from 'node:fs'
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import type { Bundle } from './bundle.ts'
import type { Lifeline } from './lifeline.ts'
import { OutputLines } from './output-lines.ts'
import {
  bindingVariable,
  PROBE_SOCKET,
  processConfig,
  type RuntimeSettings,
  type SocketPlan,
} from './process-config.ts'
import type { ProcessLog } from './process-log.ts'
import { type Refusal, readRefusal } from './runtime-words.ts'

/** What it takes to start a process. */
export interface ProcessPlan {
  /** Path of the workerd executable. */
  readonly executable: string
  /** Private folder of this process; made, and removed with it. */
  readonly folder: string
  readonly bundles: readonly Bundle[]
  readonly settings: RuntimeSettings
  /** Values of the bindings by name. */
  readonly values: Readonly<Record<string, string>>
  readonly startTimeoutMs: number
  readonly lifeline: Lifeline
  readonly log: ProcessLog
}

/** The process did not come up. */
export class StartRefused extends Error {
  readonly functions: Refusal['functions']

  constructor(message: string, functions: Refusal['functions']) {
    super(message)
    this.functions = functions
  }
}

/** Characters of the standard error that are kept: workerd says there why it does not start. */
const STANDARD_ERROR_KEPT = 8192

/** One workerd that serves the functions of one organization, each on a socket of its own in a private folder. */
export class RuntimeProcess {
  readonly #plan: ProcessPlan
  readonly #child: ChildProcess
  readonly #sockets: readonly SocketPlan[]
  #standardError = ''
  #killTimer: NodeJS.Timeout | null = null
  #ended = false
  /** Resolves with how it ended. */
  readonly exited: Promise<string>

  /**
   * Starts one and waits until all its sockets listen.
   *
   * @throws StartRefused
   */
  static async start(plan: ProcessPlan): Promise<RuntimeProcess> {
    const names = [...plan.bundles.keys(), PROBE_SOCKET].map(String)
    const sockets = names.map((name) => ({ name, path: join(plan.folder, name) }))
    await writeFolder(plan, sockets)
    const process = new RuntimeProcess(plan, sockets)
    try {
      await process.#listening()
      return process
    } catch (error) {
      process.kill()
      throw error
    }
  }

  private constructor(plan: ProcessPlan, sockets: readonly SocketPlan[]) {
    this.#plan = plan
    this.#sockets = sockets
    const environment = Object.entries(plan.values).map(([name, value]) => [bindingVariable(name), value])
    const child = spawn(plan.executable, ['serve', 'config.capnp', '--verbose', '--control-fd=3'], {
      cwd: plan.folder,
      // Nothing of ours: neither secrets in the environment nor signals of the terminal.
      env: Object.fromEntries(environment),
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
    })
    this.#child = child
    if (child.pid !== undefined) plan.lifeline.hold(child.pid)
    const lines = new OutputLines(plan.log)
    child.stdout!.on('data', (chunk: Buffer) => lines.push(chunk))
    child.stderr!.on('data', (chunk: Buffer) => {
      this.#standardError = (this.#standardError + chunk.toString()).slice(0, STANDARD_ERROR_KEPT)
    })
    this.exited = new Promise((resolve) => {
      child.once('error', (error) => resolve(`cannot be executed (${(error as NodeJS.ErrnoException).code})`))
      // `close`, not `exit`: by then everything it wrote has been read.
      child.once('close', (code, signal) => resolve(signal ?? `exit status ${code}`))
    })
    void this.exited.then(() => {
      this.#ended = true
      lines.end()
      if (this.#killTimer !== null) clearTimeout(this.#killTimer)
      if (child.pid !== undefined) plan.lifeline.release(child.pid)
      return rm(plan.folder, { recursive: true, force: true })
    })
  }

  get pid(): number | undefined {
    return this.#child.pid
  }

  get bundles(): readonly Bundle[] {
    return this.#plan.bundles
  }

  get probeSocket(): string {
    return this.#sockets.at(-1)!.path
  }

  /** Origin of the socket of a function, or null when it does not serve it. */
  origin(functionName: string): string | null {
    const index = this.#plan.bundles.findIndex((bundle) => bundle.functionName === functionName)
    return index < 0 ? null : `unix:${this.#sockets[index]!.path}`
  }

  /**
   * Lets running calls finish, for at most so long. New ones cannot reach it: without the files of its sockets they
   * fail before anything is sent, where a connection that it no longer accepts would hang.
   */
  stop(graceMs: number): void {
    if (this.#ended) return
    for (const { path } of this.#sockets) removeFile(path)
    this.#child.kill('SIGTERM')
    if (this.#killTimer !== null) clearTimeout(this.#killTimer)
    this.#killTimer = setTimeout(() => this.kill(), graceMs)
  }

  kill(): void {
    this.#child.kill('SIGKILL')
  }

  async #listening(): Promise<void> {
    const timeout = AbortSignal.timeout(this.#plan.startTimeoutMs)
    const late = new Promise<string>((resolve) => {
      timeout.addEventListener('abort', () => resolve(`not ready after ${this.#plan.startTimeoutMs} ms`))
    })
    const control = this.#child.stdio[3] as Readable
    const ended = await Promise.race([this.exited, late, countLines(control, this.#sockets.length)])
    if (ended === null) return
    const refusal = readRefusal(this.#standardError)
    throw new StartRefused(`workerd: ${refusal.message === '' ? ended : refusal.message}`, refusal.functions)
  }
}

/** Resolves with null after so many lines: workerd writes one for each socket that listens. */
function countLines(stream: Readable, count: number): Promise<null> {
  let left = count
  return new Promise((resolve) => {
    stream.on('data', (chunk: Buffer) => {
      for (const byte of chunk) if (byte === 0x0a) left--
      if (left <= 0) resolve(null)
    })
    stream.on('error', () => {})
  })
}

/** Writes the configuration and, once each, the modules. Nobody else can read them. */
async function writeFolder(plan: ProcessPlan, sockets: readonly SocketPlan[]): Promise<void> {
  const { folder, bundles, settings } = plan
  await mkdir(folder, { mode: 0o700 })
  const written = new Map<string, string | Buffer>()
  const config = processConfig(bundles, sockets, settings, (content) => {
    const file = `${createHash('sha256').update(content).digest('hex').slice(0, 32)}.module`
    written.set(file, content)
    return file
  })
  for (const [file, content] of written) await writeFile(join(folder, file), content, { mode: 0o600 })
  await writeFile(join(folder, 'config.capnp'), config, { mode: 0o600 })
}

function removeFile(path: string): void {
  try {
    unlinkSync(path)
  } catch {
    // Gone already.
  }
}
