import type { X509Certificate } from 'node:crypto'
import { isRefused } from '../forms/form.ts'
import { parseHostPattern } from '../forms/host-pattern.ts'
import { quote } from '../mistakes.ts'
import type { KongCertificateConfig } from '../schema/kong.ts'
import type { Located } from '../written.ts'
import type { Assembly } from './assembly.ts'
import { certificatesIn, problemOfCertificates, problemOfKey } from './pem.ts'

type WrittenKong = NonNullable<Assembly['document']['kong']>

/** The certificates that Kong is given: those of `kong.certificates`, then those of routes. */
export function kongCertificates(assembly: Assembly, kong: WrittenKong): KongCertificateConfig[] {
  const { reading, scopes } = assembly
  const found: KongCertificateConfig[] = []
  const taken = new Map<string, Located>()
  const add = (pair: { certificate: string; key: string }, hosts: readonly string[], at: Located): void => {
    const chain = checkedChain(assembly, pair, at)
    if (chain === null) return
    const names = hosts.length > 0 ? hosts : namesIn(chain[0]!)
    if (names.length === 0) {
      reading.refuse(at, {
        message: 'the certificate names no host',
        expected: '`hosts` that it is shown for',
      })
    }
    const same = found.find(({ certificate, key }) => certificate === pair.certificate && key === pair.key)
    const isNew = (name: string): boolean => !(same?.hosts.includes(name) ?? false)
    const own = names.filter(isNew)
    for (const name of own) {
      const first = taken.get(name)
      if (first === undefined) taken.set(name, at)
      else {
        reading.refuse(at, {
          message: `${quote(name)} has a certificate already, in line ${reading.mistakes.lineOf(first)}`,
          expected: 'one for each name',
        })
      }
    }
    if (same === undefined) found.push({ ...pair, hosts: own })
    else found[found.indexOf(same)] = { ...same, hosts: [...same.hosts, ...own] }
  }
  for (const written of kong.certificates) {
    const at = reading.locate(written)
    const pair = pairOf(assembly, written, at)
    if (pair !== null) add(pair, written.hosts, at)
  }
  for (const route of scopes.flatMap((scope) => scope.routes)) {
    const pair = route.kong?.certificate ?? null
    if (pair === null || pair.certificate === '' || pair.key === '') continue
    const at = reading.locate(route.kong!, 'certificate')
    const names = route.hosts.filter((host) => !/^[\d.]+$|^\[/.test(host))
    if (names.length > 0) add(pair, names, at)
    else {
      reading.refuse(at, {
        message: 'the certificate is shown for the `hosts` of the route, which names none',
        expected: '`hosts` of the route, or a certificate in `kong.certificates`',
      })
    }
  }
  return found
}

function pairOf(
  { reading, document }: Assembly,
  written: WrittenKong['certificates'][number],
  at: Located,
): { certificate: string; key: string } | null {
  const { certificate, key } = written
  if (certificate !== null && key !== null) return { certificate, key }
  // What was written but could not be read has been told.
  if (
    (certificate === null && reading.wrote(written, 'certificate')) ||
    (key === null && reading.wrote(written, 'key'))
  )
    return null
  if (certificate !== null || key !== null) {
    const [given, missing] = certificate === null ? ['key', 'certificate'] : ['certificate', 'key']
    reading.refuse(reading.locate(written, given), {
      message: `\`${given}\` is given without \`${missing}\``,
      expected: 'both or neither',
    })
    return null
  }
  const { https } = document.gateway
  if (https !== null && https.certificate !== null && https.key !== null)
    return { certificate: https.certificate, key: https.key }
  reading.refuse(at, {
    message: 'there is no certificate, neither here nor in `gateway.https`',
    expected: '`certificate` and `key`',
  })
  return null
}

function checkedChain(
  { reading }: Assembly,
  { certificate, key }: { certificate: string; key: string },
  at: Located,
): X509Certificate[] | null {
  const chain = certificatesIn(certificate)
  const problem = problemOfCertificates(certificate) ?? problemOfKey(key, chain)
  if (problem === null) return chain
  reading.refuse(at, {
    message: `the certificate and its key cannot be used: ${problem}`,
    expected: 'a chain as PEM, the own certificate first, and its private key',
  })
  return null
}

/** The DNS names of a certificate (RFC 5280, 4.2.1.6), as far as Kong takes them. */
function namesIn(certificate: X509Certificate): string[] {
  const names = (certificate.subjectAltName ?? '')
    .split(', ')
    .filter((name) => name.startsWith('DNS:'))
    .map((name) => parseHostPattern(name.slice('DNS:'.length)))
    .flatMap((parsed) => (isRefused(parsed) ? [] : [parsed.value]))
  return [...new Set(names)]
}
