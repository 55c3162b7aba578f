import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  createAuthority,
  createServerCertificate,
} from '../../../gateway/development/certificate-authority.ts'
import type { Cleanup } from '../../e2e/gateway.ts'
import { createClientCertificate } from './client-certificate.ts'
import { KubernetesServer } from './kubernetes-server.ts'

const authority = createAuthority(Date.now())
const server = authority.then((ours) => createServerCertificate(ours, ['127.0.0.1', 'api.test'], Date.now()))
const client = authority.then((ours) => createClientCertificate(ours, 'dispatch'))

/** A cluster with a folder for what gives access to it. */
export interface Cluster {
  readonly api: KubernetesServer
  readonly url: string
  readonly folder: string
  /** A kubeconfig by which `dispatch` has access, with a client certificate. */
  readonly kubeconfig: string
  /** PEM of who vouches for it. */
  readonly ca: string
  readonly certificate: string
  readonly key: string
  /** Writes a kubeconfig with these fields of its user and cluster over those it would have. */
  write(user: object, cluster?: object): Promise<string>
}

export async function openCluster(t: Cleanup, groups: readonly string[]): Promise<Cluster> {
  const [{ certificate: ca }, { key, certificate: cert }, ours] = await Promise.all([
    authority,
    server,
    client,
  ])
  const api = new KubernetesServer({ key, cert, ca, groups })
  const url = await api.listen()
  const folder = await mkdtemp(join(tmpdir(), 'dispatch-cluster-'))
  t.after(async () => {
    api.close()
    await rm(folder, { recursive: true, force: true })
  })
  let files = 0
  const write = async (user: object, cluster: object = {}) => {
    const file = join(folder, `config-${files++}`)
    await writeFile(file, configText(url, ca, user, cluster))
    return file
  }
  const kubeconfig = await write({
    'client-certificate-data': base64(ours.certificate),
    'client-key-data': base64(ours.key),
  })
  return { api, url, folder, kubeconfig, ca, certificate: ours.certificate, key: ours.key, write }
}

export function base64(text: string): string {
  return Buffer.from(text).toString('base64')
}

/** JSON is YAML. */
function configText(server: string, ca: string, user: object, cluster: object): string {
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'here',
    contexts: [
      { name: 'elsewhere', context: { cluster: 'none', user: 'u' } },
      { name: 'here', context: { cluster: 'c', user: 'u' } },
    ],
    clusters: [{ name: 'c', cluster: { server, 'certificate-authority-data': base64(ca), ...cluster } }],
    users: [{ name: 'u', user }],
  })
}
