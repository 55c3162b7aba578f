type Backend = Readonly<Record<string, unknown>>

/** What a backend may say that every driver that is reached by URL has. */
const COMMON = new Set(['driver', 'url', 'zone', 'offers', 'burst', 'concurrency', 'functionConcurrency'])

/**
 * The backends of a test that is about what any driver has to keep: those of `http` as they are, or those of the driver
 * in `DISPATCH_TEST_DRIVER` in their place, of which the test's own server is then the platform.
 */
export function underTest(backends: Readonly<Record<string, Backend>>): Readonly<Record<string, Backend>> {
  const wanted = process.env['DISPATCH_TEST_DRIVER']
  if (wanted === undefined) return backends
  return Object.fromEntries(Object.entries(backends).map(([name, each]) => [name, as(wanted, name, each)]))
}

function as(wanted: string, name: string, backend: Backend): Backend {
  const { driver, url, ...rest } = backend
  const other = Object.keys(backend).filter((key) => !COMMON.has(key))
  if (driver !== 'http' || other.length > 0) {
    throw new Error(`the backend ${name} cannot be one of another driver: ${other.join(', ') || driver}`)
  }
  // The gateways of riff 0.0 and OpenFaaS, and the ingress of Knative.
  if (wanted === 'riff') return { ...backend, driver: 'riff' }
  if (wanted === 'openfaas') return { ...backend, driver: 'openfaas', upgradeUrl: url }
  const { host, pathname } = new URL(String(url))
  return { ...rest, driver: 'knative', url: `http://{name}.example.com${pathname}`, ingress: host }
}

/** Options of a test whose promise the platform of this driver cannot keep. */
export function notWith(driver: string, reason: string): { readonly skip: string | false } {
  return { skip: process.env['DISPATCH_TEST_DRIVER'] === driver ? reason : false }
}
