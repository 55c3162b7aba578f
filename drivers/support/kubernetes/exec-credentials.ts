import { execFile } from 'node:child_process'
import { isDeepStrictEqual } from 'node:util'
import type { Access } from './access.ts'
import { fieldsAt, fieldsIn, textOf } from './fields.ts'

/** A program that gives credentials (Kubernetes: client-go credential plugins). */
export interface ExecCommand {
  readonly command: string
  readonly arguments: readonly string[]
  readonly environment: Readonly<Record<string, string>>
  /** apiVersion of what goes in and comes out. */
  readonly version: string
  /** It wants to ask a person. */
  readonly isInteractive: boolean
  /** It wants to be told of the cluster. */
  readonly wantsCluster: boolean
  /** What the kubeconfig says about where to get it. */
  readonly hint: string | null
}

export type ExecAccess = Pick<Access, 'token' | 'certificate' | 'key' | 'expiresAt'>

const VERSION = /^client\.authentication\.k8s\.io\/v1(?:beta1)?$/
const TIMEOUT_MS = 30_000
const MOST_BYTES = 1024 * 1024
/** Credentials are not used in the last seconds of their time. */
const MARGIN_MS = 10_000

/** Runs an exec plugin and keeps what it gave until that expires. */
export class ExecCredentials {
  readonly #command: ExecCommand
  #kept: ExecAccess | null = null

  constructor(command: ExecCommand) {
    this.#command = command
  }

  isFor(command: ExecCommand): boolean {
    return isDeepStrictEqual(command, this.#command)
  }

  /**
   * @param access The cluster that they are for.
   * @param refused What is kept was not taken: the plugin is asked anew.
   * @throws Error With what the plugin says when it fails.
   */
  async get(access: Access, refused: boolean): Promise<ExecAccess> {
    const kept = this.#kept
    if (kept !== null && !refused && (kept.expiresAt === null || Date.now() < kept.expiresAt)) return kept
    const { version, isInteractive, command } = this.#command
    if (!VERSION.test(version)) {
      throw new Error(
        `the exec plugin ${command} speaks ${JSON.stringify(version)}: v1 and v1beta1 are known`,
      )
    }
    if (isInteractive) throw new Error(`the exec plugin ${command} has to ask a person, and there is none`)
    this.#kept = this.#read(await this.#run(access))
    return this.#kept
  }

  #run({ server, ca, serverName }: Access): Promise<string> {
    const { command, environment, version, wantsCluster, hint } = this.#command
    const cluster = {
      server,
      ...(serverName === null ? {} : { 'tls-server-name': serverName }),
      ...(ca === null ? {} : { 'certificate-authority-data': Buffer.from(ca).toString('base64') }),
      config: null,
    }
    const info = {
      apiVersion: version,
      kind: 'ExecCredential',
      spec: { interactive: false, ...(wantsCluster ? { cluster } : {}) },
    }
    const env = { ...process.env, ...environment, KUBERNETES_EXEC_INFO: JSON.stringify(info) }
    return new Promise((resolve, reject) => {
      const child = execFile(
        command,
        this.#command.arguments,
        { env, timeout: TIMEOUT_MS, maxBuffer: MOST_BYTES, killSignal: 'SIGKILL' },
        (error, stdout, stderr) => {
          if (error === null) return resolve(stdout)
          const said = /\S.{0,300}/.exec(stderr)?.[0] ?? hint ?? ''
          reject(new Error(`the exec plugin ${command} failed (${reasonOf(error)}) ${said}`.trim()))
        },
      )
      child.stdin?.end()
    })
  }

  #read(text: string): ExecAccess {
    const { version, command } = this.#command
    const credential = fieldsIn(text)
    if (credential['kind'] !== 'ExecCredential' || credential['apiVersion'] !== version) {
      throw new Error(`the exec plugin ${command} gives no ExecCredential of ${version}`)
    }
    const status = fieldsAt(credential, 'status')
    const token = textOf(status['token'])
    const certificate = textOf(status['clientCertificateData'])
    const key = textOf(status['clientKeyData'])
    if (token === null && (certificate === null || key === null)) {
      throw new Error(`the exec plugin ${command} gives neither a token nor a certificate with its key`)
    }
    const expires = Date.parse(textOf(status['expirationTimestamp']) ?? '')
    return { token, certificate, key, expiresAt: Number.isNaN(expires) ? null : expires - MARGIN_MS }
  }
}

function reasonOf({ code, killed }: { code?: unknown; killed?: boolean }): string {
  if (killed === true) return `no answer within ${TIMEOUT_MS / 1000} s`
  return typeof code === 'number' ? `exit code ${code}` : String(code)
}
