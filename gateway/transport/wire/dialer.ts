import net, { type OnReadOpts, type Socket } from 'node:net'
import tls, { type PeerCertificate } from 'node:tls'
import { secureContextOptions } from '../../contract/certificates.ts'
import type { TransportOptions } from '../../contract/transport.ts'

/** Milliseconds after which the system asks a silent peer whether it is still there. */
const PROBE_AFTER_MS = 60_000

/** Largest TLS record; each connection has its own buffer, because to write may make it read. */
const TLS_READ_BYTES = 16_384

/** Bytes read at once. All plain connections of the thread share this: it is read out before the next one reads. */
const SHARED = Buffer.allocUnsafeSlow(65_536)

/** Opens connections to one origin. */
export interface Dialer {
  /** Host and port as a Host header names them. */
  readonly authority: string
  /** Event that says that requests may be written. */
  readonly ready: 'connect' | 'secureConnect'
  /** @param read Takes the number of bytes and where they are; they are overwritten after it returns. */
  dial(read: OnReadOpts['callback']): Socket
}

/**
 * @param origin `http://host:port`, `https://host:port` or `unix:/path`, which speaks plain HTTP.
 * @throws Error For another origin, and for PEM that cannot be read.
 */
export function createDialer(origin: string, options: TransportOptions): Dialer {
  if (origin.startsWith('unix:')) {
    const path = origin.slice('unix:'.length)
    return {
      authority: 'localhost',
      ready: 'connect',
      dial: (callback) => net.connect({ path, onread: { buffer: SHARED, callback } }),
    }
  }
  const url = new URL(origin)
  if (url.protocol === 'https:') return createTlsDialer(url, options)
  if (url.protocol !== 'http:') throw new Error(`no way to reach ${url.protocol}`)
  const address = addressOf(url, options)
  return {
    authority: url.host,
    ready: 'connect',
    dial: (callback) => tuned(net.connect({ ...address, onread: { buffer: SHARED, callback } })),
  }
}

/** The certificate must be for the host that the configuration names, whatever Host the client sent. */
function createTlsDialer(url: URL, options: TransportOptions): Dialer {
  const host = hostOf(url)
  const secureContext = tls.createSecureContext(secureContextOptions(options))
  const connection: tls.ConnectionOptions = {
    ...addressOf(url, options),
    servername: net.isIP(host) === 0 ? host : '',
    secureContext,
    rejectUnauthorized: true,
    ALPNProtocols: ['http/1.1'],
    checkServerIdentity: (_name: string, certificate: PeerCertificate) =>
      tls.checkServerIdentity(host, certificate),
  }
  return {
    authority: url.host,
    ready: 'secureConnect',
    dial(callback) {
      const onread = { buffer: Buffer.allocUnsafeSlow(TLS_READ_BYTES), callback }
      const socket = tls.connect({ ...connection, onread } as tls.ConnectionOptions)
      socket.on('session', (session: Buffer) => {
        connection.session = session
      })
      return tuned(socket)
    },
  }
}

function addressOf(url: URL, { connectTo }: TransportOptions): { host: string; port: number } {
  if (connectTo !== undefined && connectTo !== null) return connectTo
  const usual = url.protocol === 'https:' ? 443 : 80
  return { host: hostOf(url), port: url.port === '' ? usual : Number(url.port) }
}

function tuned(socket: Socket): Socket {
  return socket.setNoDelay(true).setKeepAlive(true, PROBE_AFTER_MS)
}

function hostOf({ hostname }: URL): string {
  return hostname.replace(/^\[|\]$/g, '')
}
