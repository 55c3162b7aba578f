import { isIP } from 'node:net'
import { isLoopback } from '../forms/address.ts'
import { parametersOf } from '../forms/path-pattern.ts'
import { quote } from '../mistakes.ts'
import type { KongConfig } from '../schema/kong.ts'
import type { RouteConfig } from '../schema/routes.ts'
import type { Located } from '../written.ts'
import type { Assembly } from './assembly.ts'
import { kongCertificates } from './kong-certificates.ts'
import { checkPair, problemOfCertificates } from './pem.ts'

type WrittenKong = NonNullable<Assembly['document']['kong']>

/** The Kong in front, or null when there is none. */
export function assembleKong(assembly: Assembly, routes: readonly RouteConfig[]): KongConfig | null {
  const { kong } = assembly.document
  if (kong === null) return null
  checkAdmin(assembly, kong.admin)
  checkTls(assembly, kong)
  checkHealth(assembly, kong, routes)
  checkAssertion(assembly, kong)
  return { ...kong, targets: targetsOf(assembly, kong), certificates: kongCertificates(assembly, kong) }
}

function checkAdmin({ reading }: Assembly, admin: WrittenKong['admin']): void {
  checkPair(reading, admin)
  if (admin.ca !== null) checkAuthorities({ reading }, admin as { readonly ca: string })
  const isPlain = admin.url.startsWith('http:')
  if (isPlain && (admin.ca !== null || admin.certificate !== null)) {
    reading.refuse(reading.locate(admin, 'url'), {
      message: 'the Admin API is spoken to without TLS, and there are certificates for it',
      expected: 'an address that begins with https://',
    })
  }
  if (isPlain && Object.keys(admin.headers).length > 0 && !isLoopback(new URL(admin.url).hostname)) {
    reading.refuse(reading.locate(admin, 'url'), {
      level: 'warning',
      message: 'headers with secrets are sent to another machine without TLS',
      expected: 'an address that begins with https://',
    })
  }
}

function checkAuthorities({ reading }: Pick<Assembly, 'reading'>, owner: { readonly ca: string }): void {
  const problem = problemOfCertificates(owner.ca)
  if (problem === null) return
  reading.refuse(reading.locate(owner, 'ca'), {
    message: `the authorities cannot be used: ${problem}`,
    expected: 'certificates as PEM',
  })
}

function checkTls({ reading, document }: Assembly, { tls }: WrittenKong): void {
  if (tls === null) return
  checkPair(reading, tls)
  // What could not be read has been told.
  if (tls.ca !== '') checkAuthorities({ reading }, tls)
  if (document.gateway.https !== null) return
  reading.refuse(reading.locate(document.kong!, 'tls'), {
    message: 'Kong would speak HTTPS to a gateway that has no `gateway.https`',
    expected: '`gateway.https`, or no `tls`',
  })
}

function checkHealth({ reading, places }: Assembly, kong: WrittenKong, routes: readonly RouteConfig[]): void {
  const { health } = kong
  if (parametersOf(health.path).length > 0) {
    reading.refuse(reading.locate(health, 'path'), {
      message: `${quote(health.path)} is not one path`,
      expected: 'a path without parameters and *',
    })
  }
  if (health.interval % 1000 !== 0) {
    reading.refuse(reading.locate(health, 'interval'), {
      message: 'Kong counts in whole seconds',
      expected: 'a duration such as 5s',
    })
  }
  for (const route of routes) {
    if (route.path !== health.path || !route.methods.includes('GET')) continue
    reading.refuse(places.of(route), {
      message: `${quote(route.path)} is the path at which the gateway tells Kong whether it takes calls`,
      expected: 'another path, or another `kong.health.path`',
    })
  }
}

function checkAssertion({ reading, document }: Assembly, { assertion }: WrittenKong): void {
  const { kong } = document.identity
  if (kong === null) return
  const at = reading.locate(assertion, 'lifetime')
  if (assertion.lifetime % 1000 !== 0) {
    reading.refuse(at, { message: 'Kong counts in whole seconds', expected: 'a duration such as 10s' })
  } else if (assertion.lifetime > kong.maxLifetime) {
    reading.refuse(at, {
      message: 'assertions would live longer than `identity.kong.maxLifetime` allows',
      expected: `at most ${kong.maxLifetime / 1000}s`,
    })
  }
}

/** Those that are written, or the own listener. */
function targetsOf({ reading, document }: Assembly, kong: WrittenKong): KongConfig['targets'] {
  const everywhere = ['::', '0.0.0.0']
  const seen = new Set<string>()
  for (const [i, { host, port }] of kong.targets.entries()) {
    const at = reading.locate(kong.targets, i)
    const refuse = (message: string, expected: string) => reading.refuse(at, { message, expected })
    if (everywhere.includes(host)) refuse('the address names no host', 'host and port of one gateway')
    else if (port === 0) refuse('nobody can be reached on port 0', 'the port of the gateway')
    else if (seen.has(`${host} ${port}`)) refuse('the target stands twice', 'each once')
    seen.add(`${host} ${port}`)
  }
  if (kong.targets.length > 0) return kong.targets
  const { http, https } = document.gateway
  const own = kong.tls === null ? http : (https?.address ?? null)
  if (own !== null && own.port !== 0 && !everywhere.includes(own.host)) return [own]
  const at: Located = reading.wrote(kong, 'targets')
    ? reading.locate(kong, 'targets')
    : reading.locate(document, 'kong')
  // A listener with mistakes has been told.
  if (own === null && kong.tls !== null) return []
  reading.refuse(at, {
    message:
      own === null || own.port === 0
        ? 'nobody says where Kong reaches the gateway'
        : `nobody says where Kong reaches the gateway, which listens on ${isIP(own.host) ? 'all addresses' : quote(own.host)}`,
    expected: '`targets` with host and port of each gateway',
  })
  return []
}
