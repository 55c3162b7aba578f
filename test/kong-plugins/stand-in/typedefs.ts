import { createPrivateKey, X509Certificate } from 'node:crypto'
import { isIP } from 'node:net'
import type { Field } from './field.ts'

const NAME_CHARACTERS = /^[A-Za-z0-9.\-_~\u0080-\u{10ffff}]+$/u
const TAG_CHARACTERS = /^[ -+\-.0-~\u0080-\u{10ffff}]+$/u
const PATH_CHARACTERS = /^\/[A-Za-z0-9.\-_~/%:@!$&'()*+,;=]*$/
const HOST_NAME =
  /^[A-Za-z0-9_]([A-Za-z0-9_-]*[A-Za-z0-9_])?(\.[A-Za-z0-9_]([A-Za-z0-9_-]*[A-Za-z0-9_])?)*\.?$/

interface Address {
  readonly type: 'name' | 'ipv4' | 'ipv6'
  readonly host: string
  readonly port: number | null
}

/** Host and port as Kong reads them; null when it is neither a name nor an address. */
export function readAddress(text: string): Address | 'invalid port number' | null {
  if (isIP(text) === 6) return { type: 'ipv6', host: text, port: null }
  const [, bracketed, plain, , digits] = /^(?:\[([^\]]+)\]|([^:]*))(:(.*))?$/.exec(text) ?? []
  const host = bracketed ?? plain
  if (host === undefined || host === '') return null
  const type = isIP(host) === 4 ? 'ipv4' : isIP(host) === 6 ? 'ipv6' : 'name'
  if (type === 'name' && !HOST_NAME.test(host)) return null
  if (digits === undefined) return { type, host, port: null }
  return /^\d{1,5}$/.test(digits) && Number(digits) <= 65535
    ? { type, host, port: Number(digits) }
    : 'invalid port number'
}

/** A target as Kong keeps it: with its port, an address of IPv6 with all its digits. */
export function normalTarget(target: string): string {
  const { type, host, port } = readAddress(target) as Address
  return `${type === 'ipv6' ? `[${expanded(host)}]` : host}:${port ?? 8000}`
}

function expanded(address: string): string {
  const [left = '', right] = address.toLowerCase().split('::')
  const groups = (text: string | undefined) => (text ? text.split(':') : [])
  const gap = right === undefined ? 0 : 8 - groups(left).length - groups(right).length
  const all = [...groups(left), ...Array.from({ length: gap }, () => '0'), ...groups(right)]
  return all.map((group) => group.padStart(4, '0')).join(':')
}

function hostProblem(host: string): string | undefined {
  const address = readAddress(host)
  if (address === null) return `invalid value: ${host}`
  return address === 'invalid port number' || address.port !== null ? 'must not have a port' : undefined
}

function sniProblem(sni: string): string | undefined {
  const address = readAddress(sni)
  if (address !== null && address !== 'invalid port number' && address.type !== 'name')
    return 'must not be an IP'
  return hostProblem(sni)
}

function wildcardHostProblem(host: string): string | undefined {
  const at = host.indexOf('*')
  if (at > 0 && at < host.length - 1) return 'wildcard must be leftmost or rightmost character'
  if (host.split('*').length > 2) return 'only one wildcard must be specified'
  return sniProblem(host.replace('*', 'wildcard'))
}

function routeHostProblem(host: string): string | undefined {
  if (host.split('*').length > 2) return 'invalid wildcard: must have at most one wildcard'
  if (host.includes('*') && !host.startsWith('*.') && !host.endsWith('.*'))
    return 'invalid wildcard: must be placed at leftmost or rightmost label'
  const address = readAddress(host.replace('*', 'abc'))
  return address === null
    ? `invalid hostname: ${host}`
    : address === 'invalid port number'
      ? address
      : undefined
}

function pathProblem(path: string): string | undefined {
  if (!PATH_CHARACTERS.test(path))
    return `invalid path: '${path}' (characters outside of the reserved list of RFC 3986 found)`
  return percentProblem(path)
}

function percentProblem(path: string): string | undefined {
  const wrong = /%.?.?/.exec(path.replace(/%[0-9a-fA-F]{2}/g, '___'))
  return wrong ? `invalid url-encoded value: '${wrong[0]}'` : undefined
}

/** A path as Kong's router has it: percent-encoding undone where it is not reserved, no dot segments. */
function normalizePath(path: string): string {
  const decoded = path.replace(/(?:%[0-9a-fA-F]{2})+/g, (escapes) => {
    const bytes = Buffer.from(escapes.replaceAll('%', ''), 'hex')
    const text = bytes.toString('utf8')
    const reserved = /[%/?#[\]@!$&'()*+,;=:]/
    return [...text].map((c) => (reserved.test(c) ? escaped(c) : c)).join('')
  })
  const out: string[] = []
  const segments = decoded.split('/').slice(1)
  segments.forEach((segment, i) => {
    const last = i === segments.length - 1
    if (segment === '..') out.pop()
    else if (segment !== '.') out.push(segment)
    if (last && (segment === '.' || segment === '..')) out.push('')
  })
  return `/${out.join('/')}`
}

const escaped = (c: string) => `%${c.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`

function routePathProblem(path: string): string | undefined {
  if (!/^~?\//.test(path)) return 'should start with: / (fixed path) or ~/ (regex path)'
  if (path.includes('//')) return 'must not have empty segments'
  if (path.startsWith('~')) return regexProblem(path.slice(1))
  const wrong = percentProblem(path)
  if (wrong) return wrong
  const normal = normalizePath(path)
  return normal === path ? undefined : `non-normalized path, consider use '${normal}' instead`
}

function regexProblem(regex: string): string | undefined {
  try {
    new RegExp(regex.replaceAll('(?<', '(?<'))
    return undefined
  } catch {
    const reason = /\[[^\]]*$/.test(regex) ? 'missing terminating ] for character class' : 'syntax error'
    return `invalid regex: '${regex}' (PCRE returned: pcre2_compile() failed: ${reason} in "${regex}")`
  }
}

function cidrProblem(range: string): string | undefined {
  const [address, bits, more] = range.split('/')
  const version = isIP(address!)
  const fine =
    version !== 0 &&
    more === undefined &&
    (bits === undefined || (/^\d+$/.test(bits) && Number(bits) <= (version === 4 ? 32 : 128)))
  return fine ? undefined : `invalid ip or cidr range: '${range}'`
}

function certificateProblem(pem: string): string | undefined {
  try {
    new X509Certificate(pem)
    return undefined
  } catch {
    return 'invalid certificate: x509.new: error:680007B:asn1 encoding routines'
  }
}

function keyProblem(pem: string): string | undefined {
  try {
    createPrivateKey(pem)
    return undefined
  } catch {
    return 'invalid key: pkey.new:load_key: error:4800065:PEM routines'
  }
}

const text = (more: Partial<Field> = {}): Field => ({ type: 'string', ...more })

/** The kinds of fields that many entities share, with Kong's names for them. */
export const typedefs = {
  id: text({ uuid: true, auto: true }),
  seconds: { type: 'integer', timestamp: true, auto: true } as Field,
  fractionalSeconds: { type: 'number', timestamp: true, auto: true } as Field,
  name: text({
    unique: true,
    check: (name: string) =>
      NAME_CHARACTERS.test(name)
        ? undefined
        : `invalid value '${name}': the only accepted ascii characters are alphanumerics or ., -, _, and ~`,
  }),
  tags: {
    type: 'set',
    elements: text({
      required: true,
      check: (tag: string) =>
        TAG_CHARACTERS.test(tag)
          ? undefined
          : `invalid tag '${tag}': expected printable ascii (except \`,\` and \`/\`) or valid utf-8 sequences`,
    }),
  } as Field,
  host: text({ check: hostProblem }),
  hostWithPort: text({
    check: (host: string) => (readAddress(host) === null ? `invalid hostname: ${host}` : undefined),
  }),
  wildcardHost: text({ check: wildcardHostProblem }),
  routeHost: text({ check: routeHostProblem }),
  sni: text({ check: sniProblem }),
  port: { type: 'integer', between: [0, 65535] } as Field,
  path: text({
    starts_with: '/',
    match_none: [{ pattern: '//', err: 'must not have empty segments' }],
    check: pathProblem,
  }),
  routePath: text({ check: routePathProblem }),
  timeout: { type: 'integer', between: [0, 2147483646] } as Field,
  headerName: text({
    check: (name: string) =>
      /^[A-Za-z0-9_-]+$/.test(name)
        ? undefined
        : `bad header name '${name}', allowed characters are A-Z, a-z, 0-9, '_', and '-'`,
  }),
  ipOrCidr: text({ check: cidrProblem }),
  certificate: text({ check: certificateProblem }),
  key: text({ check: keyProblem }),
  protocol: text({ one_of: ['grpc', 'grpcs', 'http', 'https', 'tcp', 'tls', 'tls_passthrough', 'udp'] }),
  method: text({ check: (m: string) => (/^[A-Z]+$/.test(m) ? undefined : `invalid value: ${m}`) }),
  reference: (to: string, more: Partial<Field> = {}): Field => ({ type: 'foreign', reference: to, ...more }),
  text,
  flag: (value?: boolean): Field =>
    value === undefined ? { type: 'boolean' } : { type: 'boolean', required: true, default: value },
} as const

/** When an entity was made and last changed, in seconds. */
export const timed = { created_at: typedefs.seconds, updated_at: typedefs.seconds }
