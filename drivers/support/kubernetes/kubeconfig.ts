import { readFile } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { parseDocument } from 'yaml'
import { type Access, type AccessSource, serverOf } from './access.ts'
import { type ExecCommand, ExecCredentials } from './exec-credentials.ts'
import { type Fields, fieldsAt, fieldsOf, itemsOf, textOf } from './fields.ts'

/** What a user or cluster may ask for that is not done here, and why. */
const REFUSED_OF_USER: Readonly<Record<string, string>> = {
  'auth-provider': 'Kubernetes has taken it away: use an exec plugin',
  username: 'Kubernetes has taken passwords away',
  as: 'acting for others is not supported',
}
const REFUSED_OF_CLUSTER: Readonly<Record<string, string>> = {
  'insecure-skip-tls-verify': 'the server is always verified: name its certificate-authority',
  'proxy-url': 'proxies are not supported',
}

/** Access by a kubeconfig file, as kubectl reads it. What it names is read anew each time: it may have been replaced. */
export class Kubeconfig implements AccessSource {
  readonly #file: string
  readonly #context: string | null
  #exec: ExecCredentials | null = null

  /** @param context Null for the current one of the file. */
  constructor(file: string, context: string | null) {
    this.#file = file
    this.#context = context
  }

  async read(refused: boolean): Promise<Access> {
    try {
      return await this.#read(refused)
    } catch (error) {
      throw new Error(`kubeconfig ${this.#file}: ${(error as Error).message}`)
    }
  }

  async #read(refused: boolean): Promise<Access> {
    const document = parseDocument(await readText(this.#file), { prettyErrors: false })
    const [mistake] = document.errors
    if (mistake !== undefined) throw new Error(`is not YAML (${mistake.code})`)
    const config = fieldsOf(document.toJS())
    const name = this.#context ?? textOf(config['current-context'])
    if (name === null) throw new Error('has no current-context: `context` has to name one')
    const context = named(config, 'context', name)
    const cluster = named(config, 'cluster', textOf(context['cluster']) ?? '')
    const user = named(config, 'user', textOf(context['user']) ?? '')
    refuse(cluster, REFUSED_OF_CLUSTER)
    refuse(user, REFUSED_OF_USER)
    const server = serverOf(textOf(cluster['server']) ?? '')
    const [ca, certificate, key, token] = await Promise.all([
      this.#data(cluster, 'certificate-authority'),
      this.#data(user, 'client-certificate'),
      this.#data(user, 'client-key'),
      this.#token(user),
    ])
    const serverName = textOf(cluster['tls-server-name'])
    const access: Access = { server, ca, serverName, certificate, key, token, expiresAt: null }
    const command = this.#command(user)
    if (command === null) return checked(access)
    this.#exec = this.#exec?.isFor(command) === true ? this.#exec : new ExecCredentials(command)
    return checked({ ...access, ...(await this.#exec.get(access, refused)) })
  }

  /** What stands in the file, or in another file that it names. */
  async #data(fields: Fields, name: string): Promise<string | null> {
    const data = textOf(fields[`${name}-data`])
    if (data !== null) return Buffer.from(data, 'base64').toString('utf8')
    const file = textOf(fields[name])
    return file === null ? null : await readText(resolve(dirname(this.#file), file))
  }

  async #token(user: Fields): Promise<string | null> {
    const file = textOf(user['tokenFile'])
    if (file === null) return textOf(user['token'])
    return (await readText(resolve(dirname(this.#file), file))).trim()
  }

  #command(user: Fields): ExecCommand | null {
    if (user['exec'] === undefined || user['exec'] === null) return null
    const exec = fieldsOf(user['exec'])
    const command = textOf(exec['command'])
    if (command === null) throw new Error('the exec plugin has no command')
    const variables = itemsOf(exec['env']).map(fieldsOf)
    return {
      // As for kubectl: a path counts from the file, a bare name is looked for in PATH.
      command: command.includes('/') ? resolve(dirname(this.#file), command) : command,
      arguments: itemsOf(exec['args']).map(String),
      environment: Object.fromEntries(
        variables.map(({ name, value }) => [String(name), String(value ?? '')]),
      ),
      version: textOf(exec['apiVersion']) ?? '',
      isInteractive: exec['interactiveMode'] === 'Always',
      wantsCluster: exec['provideClusterInfo'] === true,
      hint: textOf(exec['installHint']),
    }
  }
}

/** @throws Error When there is none of that name. */
function named(config: Fields, kind: string, name: string): Fields {
  const found = itemsOf(config[`${kind}s`]).find((each) => fieldsOf(each)['name'] === name)
  if (found === undefined) throw new Error(`has no ${kind} ${JSON.stringify(name)}`)
  return fieldsAt(found, kind)
}

function refuse(fields: Fields, reasons: Readonly<Record<string, string>>): void {
  for (const [name, reason] of Object.entries(reasons)) {
    if (fields[name] !== undefined && fields[name] !== false && fields[name] !== '') {
      throw new Error(`\`${name}\` cannot be kept: ${reason}`)
    }
  }
}

function checked(access: Access): Access {
  if ((access.certificate === null) !== (access.key === null)) {
    throw new Error('client-certificate and client-key go together')
  }
  return access
}

async function readText(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8')
  } catch (error) {
    const { code } = error as { code?: unknown }
    throw new Error(`${file} cannot be read (${String(code)})`)
  }
}
