import { isLoopback } from '../forms/address.ts'
import { quote } from '../mistakes.ts'
import type { GatewayConfig } from '../schema/gateway.ts'
import type { Located } from '../written.ts'
import type { Assembly } from './assembly.ts'
import { certificatesIn, checkPair, problemOfCertificates } from './pem.ts'

/** Kong keeps idle connections to us for so long. */
const KONG_KEEP_ALIVE_MS = 60_000
const LEAST_TOKEN = 16

interface Listener {
  readonly what: string
  readonly at: Located
  readonly host: string
  readonly port: number
}

/** Listeners and what they need. */
export function assembleGateway(assembly: Assembly, now: Date): GatewayConfig {
  const { gateway } = assembly.document
  const listeners = listenersOf(assembly)
  if (gateway.http === null && gateway.https === null) {
    const message = 'nothing is listened on: `http` is off and there is no `https`'
    assembly.reading.refuse(assembly.reading.locate(gateway, 'http'), {
      message,
      expected: 'an address for one of them',
    })
  }
  refuseSameAddress(assembly, listeners)
  checkCertificate(assembly, now)
  checkClientAuthorities(assembly)
  checkManagement(assembly)
  checkDevelopment(assembly, listeners)
  warn(assembly)
  return gateway
}

function listenersOf({ reading, document }: Assembly): Listener[] {
  const { gateway } = document
  const { http, https, management } = gateway
  const listeners: Listener[] = [
    { what: 'management', at: reading.locate(management, 'address'), ...management.address },
  ]
  if (https !== null)
    listeners.push({ what: 'https', at: reading.locate(https, 'address'), ...https.address })
  if (http !== null) listeners.push({ what: 'http', at: reading.locate(gateway, 'http'), ...http })
  return listeners.reverse()
}

/** Port 0 is any free one. An address of all hosts takes the port everywhere. */
function refuseSameAddress({ reading }: Assembly, listeners: readonly Listener[]): void {
  const everywhere = ['::', '0.0.0.0']
  for (const [i, one] of listeners.entries()) {
    const clash = listeners
      .slice(0, i)
      .find(
        (other) =>
          one.port !== 0 &&
          one.port === other.port &&
          (one.host === other.host || everywhere.includes(one.host) || everywhere.includes(other.host)),
      )
    if (clash === undefined) continue
    reading.refuse(one.at, {
      message: `${one.what} listens where ${clash.what} does, on port ${one.port}`,
      expected: 'another port',
    })
  }
}

function checkCertificate({ reading, document }: Assembly, now: Date): void {
  const { https } = document.gateway
  if (https === null) return
  const { address, certificate, key } = https
  const isBroken = (field: 'certificate' | 'key') => https[field] === null && reading.wrote(https, field)
  if (certificate === null && key === null && !isBroken('certificate') && !isBroken('key')) {
    if (isLoopback(address.host)) return
    reading.refuse(reading.locate(https, 'address'), {
      message: 'a development certificate is for addresses of this machine only',
      expected: '`certificate` and `key`, or an address such as 127.0.0.1:8443',
    })
    return
  }
  checkPair(reading, https)
  const chain = certificate === null || key === null ? null : certificatesIn(certificate)
  if (chain !== null && chain[0]!.validToDate < now) {
    reading.refuse(reading.locate(https, 'certificate'), {
      level: 'warning',
      message: `the certificate has expired on ${chain[0]!.validToDate.toISOString()}`,
    })
  }
}

function checkClientAuthorities({ reading, document }: Assembly): void {
  const asked = document.gateway.https?.clientCertificate ?? null
  if (asked === null || asked.ca === '') return
  const problem = problemOfCertificates(asked.ca)
  if (problem === null) return
  reading.refuse(reading.locate(asked, 'ca'), {
    message: `the authorities cannot be used: ${problem}`,
    expected: 'certificates as PEM',
  })
}

function checkManagement({ reading, document }: Assembly): void {
  const { management } = document.gateway
  const { address, token } = management
  if (token !== null && token.length < LEAST_TOKEN) {
    reading.refuse(reading.locate(management, 'token'), {
      message: `the token is shorter than ${LEAST_TOKEN} characters`,
      expected: 'a long random text',
    })
  } else if (token === null && !isLoopback(address.host) && !reading.wrote(management, 'token')) {
    reading.refuse(reading.locate(management, 'address'), {
      message: `others than this machine can reach ${quote(address.host)}, and there is no token`,
      expected: '`token: { env: NAME }`, or an address such as 127.0.0.1:9090',
    })
  }
}

function checkDevelopment(assembly: Assembly, listeners: readonly Listener[]): void {
  if (!assembly.identity.hasDevelopment) return
  const { reading, document } = assembly
  const open = listeners.find(({ host }) => !isLoopback(host))
  if (open === undefined) return
  reading.refuse(reading.locate(document.identity, 'development'), {
    message: `the development issuer is for this machine only, and ${open.what} listens on ${quote(open.host)}`,
    expected: 'an issuer in `identity.issuers`, or loopback addresses for all listeners',
  })
}

function warn({ reading, document }: Assembly): void {
  const { timeouts, trustedProxies } = document.gateway
  if (timeouts.keepAlive < KONG_KEEP_ALIVE_MS) {
    reading.refuse(reading.locate(timeouts, 'keepAlive'), {
      level: 'warning',
      message:
        'idle connections are closed before Kong stops using them, which keeps them for 60 s: some calls will fail',
      expected: 'more than 60s behind Kong',
      suggestion: '72s',
    })
  }
  for (const [i, network] of trustedProxies.entries()) {
    if (!network.endsWith('/0')) continue
    const message = 'everybody may send X-Forwarded and identity headers'
    reading.refuse(reading.locate(trustedProxies, i), {
      level: 'warning',
      message,
      expected: 'the networks of your proxies',
    })
  }
}
