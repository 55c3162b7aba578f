import { createHash, createHmac } from 'node:crypto'

export interface SignedRequest {
  readonly method: string
  /** Request target as it came. */
  readonly target: string
  /** Names and values in turn, as they came. */
  readonly rawHeaders: readonly string[]
  readonly body: Buffer
}

export interface KnownKey {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly sessionToken: string | null
}

const sha256 = (data: string | Buffer) => createHash('sha256').update(data).digest('hex')
const hmac = (key: string | Buffer, data: string) => createHmac('sha256', key).update(data).digest()

/**
 * Checks a signature by the rules of Signature Version 4, from the bytes that came and with nothing of the driver's.
 *
 * @returns Name of the exception that AWS answers with, or null for a request that is signed well.
 */
export function refusedSignature(
  request: SignedRequest,
  key: KnownKey,
  region: string,
  now: number,
  serviceName = 'lambda',
): string | null {
  const headers = new Map<string, string[]>()
  for (let i = 0; i < request.rawHeaders.length; i += 2) {
    const name = request.rawHeaders[i]!.toLowerCase()
    headers.set(name, [...(headers.get(name) ?? []), request.rawHeaders[i + 1]!.trim().replace(/ +/g, ' ')])
  }
  const authorization = headers.get('authorization')?.[0]
  if (authorization === undefined) return 'MissingAuthenticationTokenException'
  const parts =
    /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([^/]+)\/([^/]+)\/aws4_request, SignedHeaders=([^,]+), Signature=([0-9a-f]{64})$/.exec(
      authorization,
    )
  if (parts === null) return 'IncompleteSignatureException'
  const [, id, day, itsRegion, service, names, signature] = parts
  const date = headers.get('x-amz-date')?.[0] ?? ''
  const token = headers.get('x-amz-security-token')?.[0] ?? null
  if (id !== key.accessKeyId || token !== key.sessionToken) return 'UnrecognizedClientException'
  if (itsRegion !== region || service !== serviceName || day !== date.slice(0, 8))
    return 'InvalidSignatureException'
  const at = Date.parse(date.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z'))
  if (!(Math.abs(now - at) <= 300_000)) return 'InvalidSignatureException'
  const signed = names!.split(';')
  const must = [...headers.keys()].filter((name) => name === 'host' || name.startsWith('x-amz-'))
  if (must.some((name) => !signed.includes(name)) || signed.join() !== [...signed].sort().join()) {
    return 'InvalidSignatureException'
  }
  const bodyHash = sha256(request.body)
  if ((headers.get('x-amz-content-sha256')?.[0] ?? bodyHash) !== bodyHash) return 'InvalidSignatureException'
  const [path = '', query = ''] = request.target.split(/\?(.*)/s)
  const canonical = [
    request.method,
    path
      .split('/')
      .map((segment) => encoded(segment))
      .join('/'),
    canonicalQuery(query),
    ...signed.map((name) => `${name}:${(headers.get(name) ?? ['']).join(',')}`),
    '',
    names,
    bodyHash,
  ].join('\n')
  const scope = `${day}/${region}/${serviceName}/aws4_request`
  const toSign = ['AWS4-HMAC-SHA256', date, scope, sha256(canonical)].join('\n')
  const signingKey = [day!, region, serviceName, 'aws4_request'].reduce<string | Buffer>(
    hmac,
    `AWS4${key.secretAccessKey}`,
  )
  return hmac(signingKey, toSign).toString('hex') === signature ? null : 'InvalidSignatureException'
}

/** Sorted by name, then by value. */
function canonicalQuery(query: string): string {
  return query
    .split('&')
    .filter((pair) => pair !== '')
    .map((pair) => (pair.includes('=') ? pair : `${pair}=`).split(/=(.*)/s).slice(0, 2))
    .map((pair) => pair.map((part) => encoded(decodeURIComponent(part))))
    .sort((a, b) => (a.join('\0') < b.join('\0') ? -1 : 1))
    .map((pair) => pair.join('='))
    .join('&')
}

function encoded(text: string): string {
  return Buffer.from(text)
    .toString('latin1')
    .replace(/[^A-Za-z0-9\-._~]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`)
}
