import type { Bundle } from './bundle.ts'

/** What every function of a Backend is given. */
export interface RuntimeSettings {
  readonly compatibilityDate: string
  readonly network: 'none' | 'public'
  /** Names of the bindings that functions find in `env`; the values travel in the environment of the process. */
  readonly bindings: readonly string[]
}

/** A socket of the process: its name is what `--control-fd` reports. */
export interface SocketPlan {
  readonly name: string
  readonly path: string
}

/** Name of the socket that answers whenever the process is not stuck. */
export const PROBE_SOCKET = 'probe'

/** Prefix of the names of functions, so that none can be called like a service of ours. */
export const SERVICE = 'function '

/** Name of an environment variable of the process for a binding: none that would mean something to a program. */
export const bindingVariable = (name: string) => `BINDING_${name}`

const PROBE = 'export default { fetch: () => new Response(null, { status: 204 }) }'

const HEADER = `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (`

/**
 * Configuration of one process in the text form of Cap'n Proto: a service and a socket per function.
 *
 * @param fileOf Path of the file that holds a module, relative to the configuration.
 */
export function processConfig(
  bundles: readonly Bundle[],
  sockets: readonly SocketPlan[],
  settings: RuntimeSettings,
  fileOf: (content: string | Buffer) => string,
): string {
  const services = bundles.map((bundle) => functionService(bundle, settings, fileOf))
  services.push(service(PROBE_SOCKET, [`(name = "probe.js", esModule = ${quote(PROBE)})`], settings, []))
  services.push(`(name = "internet", network = ${NETWORKS[settings.network]})`)
  const served = [...bundles.map(({ functionName }) => SERVICE + functionName), PROBE_SOCKET]
  const listening = sockets.map(({ name, path }, i) => {
    // The URL that a function sees begins with https when the caller's did.
    const http = '(forwardedProtoHeader = "x-forwarded-proto")'
    return `(name = ${quote(name)}, address = ${quote(`unix:${path}`)}, http = ${http}, service = ${quote(served[i]!)})`
  })
  return `${HEADER}
  services = [
    ${services.join(',\n    ')}
  ],
  sockets = [
    ${listening.join(',\n    ')}
  ],
  logging = (structuredLogging = true)
);
`
}

/** Public addresses leave out this machine and private networks, also behind a public name. */
const NETWORKS = {
  none: '(allow = [])',
  public: '(allow = ["public"], tlsOptions = (trustBrowserCas = true))',
}

function functionService(
  { functionName, modules }: Bundle,
  settings: RuntimeSettings,
  fileOf: (content: string | Buffer) => string,
): string {
  const embedded = modules.map(
    ({ name, kind, content }) => `(name = ${quote(name)}, ${kind} = embed ${quote(fileOf(content))})`,
  )
  const entry = `import './console.js'\nexport { default } from '../${modules[0]!.name}'\n`
  const own = [
    `(name = ".dispatch/entry.js", esModule = ${quote(entry)})`,
    `(name = ".dispatch/console.js", esModule = ${quote(namedConsole(functionName))})`,
  ]
  const bindings = settings.bindings.map(
    (name) => `(name = ${quote(name)}, fromEnvironment = ${quote(bindingVariable(name))})`,
  )
  return service(SERVICE + functionName, [...own, ...embedded], settings, bindings)
}

function service(
  name: string,
  modules: readonly string[],
  { compatibilityDate }: RuntimeSettings,
  bindings: readonly string[],
): string {
  const date = quote(compatibilityDate)
  return `(name = ${quote(name)}, worker = (modules = [${modules.join(', ')}], compatibilityDate = ${date}, bindings = [${bindings.join(', ')}]))`
}

/** The functions of a process write to one output: each line begins with the name of its function. */
function namedConsole(functionName: string): string {
  return `for (const level of ['log', 'info', 'debug', 'warn', 'error', 'trace']) {
  const write = console[level].bind(console)
  console[level] = (first, ...rest) =>
    typeof first === 'string' ? write('[${functionName}] ' + first, ...rest) : write('[${functionName}]', first, ...rest)
}
`
}

/** A string of Cap'n Proto; whatever is not plain ASCII is escaped byte by byte. */
function quote(text: string): string {
  let quoted = '"'
  for (const byte of Buffer.from(text)) {
    const plain = byte >= 0x20 && byte < 0x7f && byte !== 0x22 && byte !== 0x5c
    quoted += plain ? String.fromCharCode(byte) : `\\x${byte.toString(16).padStart(2, '0')}`
  }
  return `${quoted}"`
}
