import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { cpus, loadavg, release, totalmem } from 'node:os'
import { findBinary } from '../support/serve-binary.ts'

/** Under what numbers were made. Numbers of different conditions are not compared. */
export interface Conditions {
  readonly machine: string
  readonly node: string
  readonly kernel: string
  /** Commit, with `+` when files are changed; `unknown` outside of a repository. */
  readonly commit: string
  /** Of the packages and servers that take part, by name. */
  readonly versions: Readonly<Record<string, string>>
  readonly startedAt: string
  /** Programs that wanted a core on average over the last minute: above the number of cores the machine was busy. */
  readonly loadBefore: number
}

const PACKAGES = ['@fastify/http-proxy', 'autocannon', 'fastify', 'undici']

export function readConditions(): Conditions {
  return {
    machine: describeMachine(),
    node: process.version,
    kernel: release(),
    commit: commit(),
    versions: { ...packageVersions(), ...serverVersions() },
    startedAt: new Date().toISOString(),
    loadBefore: Math.round(loadavg()[0]! * 100) / 100,
  }
}

/** What has to be the same for ratios to be comparable. */
function describeMachine(): string {
  const model = cpus()[0]?.model ?? 'unknown'
  return `${cpus().length} × ${model}, ${Math.round(totalmem() / 2 ** 30)} GiB, ${process.arch}`
}

function commit(): string {
  try {
    const git = (...args: string[]) =>
      execFileSync('git', args, {
        encoding: 'utf8',
        cwd: import.meta.dirname,
        stdio: ['ignore', 'pipe', 'ignore'],
      })
    return (
      git('rev-parse', '--short', 'HEAD').trim() + (git('status', '--porcelain').trim() === '' ? '' : '+')
    )
  } catch {
    return 'unknown'
  }
}

function packageVersions(): Record<string, string> {
  return Object.fromEntries(
    PACKAGES.map((name) => {
      const file = new URL(`../../node_modules/${name}/package.json`, import.meta.url)
      return [name, (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version]
    }),
  )
}

function serverVersions(): Record<string, string> {
  const found: Record<string, string> = {}
  for (const name of ['nginx', 'haproxy']) {
    const binary = findBinary(name)
    if (binary === null) continue
    // nginx tells its version where errors go.
    const text = execFileSync('sh', ['-c', '"$0" -v 2>&1', binary], { encoding: 'utf8' })
    found[name] = /\d+(\.\d+)+/.exec(text)?.[0] ?? 'unknown'
  }
  return found
}
