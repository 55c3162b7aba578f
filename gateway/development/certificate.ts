import { createPrivateKey, X509Certificate } from 'node:crypto'
import { isIP } from 'node:net'
import type { KeyAndCertificate } from './certificate-authority.ts'
import type { StateDirectory } from './state-directory.ts'

/** Key and certificate of the authority in one file, so that no two processes can mix theirs. */
const AUTHORITY = 'authority-key.pem'
/** The certificate of the authority alone: what clients are given. */
const AUTHORITY_PUBLIC = 'authority.pem'
/** Key and certificate of the server in one file. */
const SERVER = 'server-key.pem'
const ALWAYS = ['localhost', '127.0.0.1', '::1']
const RENEW_BEFORE_MS = 7 * 86_400_000

/** What a TLS listener needs, and the file that clients trust it by (`curl --cacert`). */
export interface DevelopmentCertificate {
  /** PEM. */
  readonly certificate: string
  /** PEM. */
  readonly key: string
  /** Absolute path of the PEM file of the authority. */
  readonly authorityFile: string
}

/**
 * Certificate of the development server, signed by an authority that is made once and stays. The certificate is kept
 * until it has less than seven days left or lacks one of the hosts.
 *
 * @param hosts Names and addresses besides `localhost`, `127.0.0.1` and `::1`; a name may begin with `*.`.
 */
export async function openDevelopmentCertificate(
  state: StateDirectory,
  hosts: readonly string[],
  nowMs = Date.now(),
): Promise<DevelopmentCertificate> {
  const authority = await openAuthority(state, nowMs)
  if ((await state.read(AUTHORITY_PUBLIC)) !== authority.certificate) {
    await state.write(AUTHORITY_PUBLIC, authority.certificate)
  }
  const server = await openServer(state, authority, [...new Set([...ALWAYS, ...hosts])], nowMs)
  return { ...server, authorityFile: state.path(AUTHORITY_PUBLIC) }
}

async function openAuthority(state: StateDirectory, nowMs: number): Promise<KeyAndCertificate> {
  const create = async () => (await loadMaker()).createAuthority(nowMs)
  const kept = split(await state.readOrCreate(AUTHORITY, async () => join(await create())))
  if (kept !== null && covers(new X509Certificate(kept.certificate), [], nowMs + RENEW_BEFORE_MS)) return kept
  const made = await create()
  await state.write(AUTHORITY, join(made))
  return made
}

async function openServer(
  state: StateDirectory,
  authority: KeyAndCertificate,
  hosts: readonly string[],
  nowMs: number,
): Promise<KeyAndCertificate> {
  const kept = split((await state.read(SERVER)) ?? '')
  if (kept !== null) {
    const certificate = new X509Certificate(kept.certificate)
    const issuer = new X509Certificate(authority.certificate)
    if (certificate.verify(issuer.publicKey) && covers(certificate, hosts, nowMs + RENEW_BEFORE_MS))
      return kept
  }
  const made = await (await loadMaker()).createServerCertificate(authority, hosts, nowMs)
  await state.write(SERVER, join(made))
  return made
}

/** Loading it takes longer than everything else here, and most starts find all they need on disk. */
function loadMaker(): Promise<typeof import('./certificate-authority.ts')> {
  return import('./certificate-authority.ts')
}

/** True when the certificate is for each of the hosts and stays valid until then. */
function covers(certificate: X509Certificate, hosts: readonly string[], untilMs: number): boolean {
  const names = new Set(certificate.subjectAltName?.split(', '))
  return (
    certificate.validToDate.getTime() >= untilMs &&
    hosts.every((host) =>
      isIP(host) === 0 ? names.has(`DNS:${host}`) : certificate.checkIP(host) !== undefined,
    )
  )
}

function join({ key, certificate }: KeyAndCertificate): string {
  return key + certificate
}

/** Null when the content is not a key with its certificate: somebody edited the file, so a new one is made. */
function split(content: string): KeyAndCertificate | null {
  const start = content.indexOf('-----BEGIN CERTIFICATE-----')
  const key = content.slice(0, Math.max(start, 0))
  const certificate = content.slice(Math.max(start, 0))
  try {
    return new X509Certificate(certificate).checkPrivateKey(createPrivateKey(key))
      ? { key, certificate }
      : null
  } catch {
    return null
  }
}
