import type { Server } from 'node:net'
import type { TLSSocket } from 'node:tls'
import type { ClientAuthorities } from '../lane.ts'

/** Cuts connections whose certificate, although verified, is none of those that the configuration names. */
export class ClientCertificates {
  #subjects: ReadonlySet<string>

  /** @param clients Null: the server asks for no certificates. */
  constructor(server: Server, clients: ClientAuthorities | null) {
    this.#subjects = new Set(clients?.subjects)
    if (clients === null) return
    // Before whoever reads requests from it.
    server.prependListener('secureConnection', (socket: TLSSocket) => {
      if (!this.#admits(socket)) socket.destroy()
    })
  }

  /** For connections from now on. */
  use(clients: ClientAuthorities | null): void {
    this.#subjects = new Set(clients?.subjects)
  }

  #admits(socket: TLSSocket): boolean {
    if (!socket.authorized) return false
    const { subject, subjectaltname } = socket.getPeerCertificate()
    // A name may stand there more than once (RFC 5280, 4.1.2.4).
    const common: readonly unknown[] = [subject?.CN].flat()
    return [...common, ...alternativeNames(subjectaltname ?? '')].some(
      (name) => typeof name === 'string' && this.#subjects.has(name),
    )
  }
}

/** One name of the text that Node makes of the extension: with quotes, as JSON, where it holds a comma or a quote. */
const ALTERNATIVE_NAME = /(?:^|, )([^:,"]+):("(?:[^"\\]|\\.)*"|[^,"]*)/y

/** The DNS names and URIs of `subjectAltName`; none when the text is odd. */
export function alternativeNames(text: string): string[] {
  const names: string[] = []
  const next = new RegExp(ALTERNATIVE_NAME)
  while (next.lastIndex < text.length) {
    const found = next.exec(text)
    if (found === null) return []
    const [, kind, value = ''] = found
    if (kind === 'DNS' || kind === 'URI') names.push(value.startsWith('"') ? JSON.parse(value) : value)
  }
  return names
}
