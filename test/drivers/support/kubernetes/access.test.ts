import assert from 'node:assert/strict'
import { chmod, mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import type { AccessSource } from '../../../../drivers/support/kubernetes/access.ts'
import { KubernetesApi } from '../../../../drivers/support/kubernetes/api.ts'
import { Kubeconfig } from '../../../../drivers/support/kubernetes/kubeconfig.ts'
import { ServiceAccount } from '../../../../drivers/support/kubernetes/service-account.ts'
import { base64, type Cluster, openCluster } from '../../kubernetes/cluster.ts'

const PODS = '/api/v1/namespaces/default/pods'

function apiBy(t: TestContext, source: AccessSource): KubernetesApi {
  const api = new KubernetesApi(source, 3000)
  t.after(() => api.close())
  return api
}

/** Who the cluster takes us for. */
async function userOf(t: TestContext, { api }: Cluster, source: AccessSource): Promise<string> {
  await apiBy(t, source).get(PODS, undefined)
  return api.asked.at(-1)!.user
}

/** A program that is an exec plugin, and counts how often it runs. */
async function plugin({ folder }: Cluster, body: string): Promise<{ command: string; runs: string }> {
  const runs = join(folder, 'runs')
  await writeFile(join(folder, 'plugin'), `#!/bin/sh\necho "$KUBERNETES_EXEC_INFO" >> ${runs}\n${body}\n`)
  await chmod(join(folder, 'plugin'), 0o755)
  return { command: './plugin', runs }
}

const credential = (status: object) =>
  `echo '${JSON.stringify({ apiVersion: 'client.authentication.k8s.io/v1', kind: 'ExecCredential', status })}'`

test('a client certificate, a token and a token file prove who asks, in the file or beside it', async (t) => {
  const cluster = await openCluster(t, [])
  const { api, folder, kubeconfig, certificate, key, ca, write } = cluster
  assert.equal(await userOf(t, cluster, new Kubeconfig(kubeconfig, null)), 'dispatch')
  await writeFile(join(folder, 'ca.pem'), ca)
  await writeFile(join(folder, 'me.pem'), certificate)
  await writeFile(join(folder, 'me.key'), key)
  const beside = await write(
    { 'client-certificate': 'me.pem', 'client-key': join(folder, 'me.key') },
    { 'certificate-authority-data': undefined, 'certificate-authority': './ca.pem' },
  )
  assert.equal(await userOf(t, cluster, new Kubeconfig(beside, 'here')), 'dispatch')
  api.tokens.set('t1', 'by-token').set('t2', 'by-file')
  await writeFile(join(folder, 'token'), 't2\n')
  assert.equal(await userOf(t, cluster, new Kubeconfig(await write({ token: 't1' }), null)), 'by-token')
  const both = await write({ token: 't1', tokenFile: 'token' })
  assert.equal(await userOf(t, cluster, new Kubeconfig(both, null)), 'by-file')
})

test('a token that was replaced is read again as soon as the old one is refused', async (t) => {
  const { api, folder, write } = await openCluster(t, [])
  await writeFile(join(folder, 'token'), 'old')
  api.tokens.set('old', 'dispatch')
  const asking = apiBy(t, new Kubeconfig(await write({ tokenFile: 'token' }), null))
  await asking.get(PODS, undefined)
  api.tokens.clear()
  await assert.rejects(asking.get(PODS, undefined), { status: 401, message: 'Unauthorized' })
  await writeFile(join(folder, 'token'), 'new')
  api.tokens.set('new', 'dispatch')
  await asking.get(PODS, undefined)
  assert.equal(api.asked.at(-1)!.user, 'dispatch')
})

test('in a pod the service account is used, and its new token when it was rotated', async (t) => {
  const { api, url, folder, ca } = await openCluster(t, [])
  const { hostname, port } = new URL(url)
  await mkdir(join(folder, 'account'))
  await writeFile(join(folder, 'account', 'ca.crt'), ca)
  await writeFile(join(folder, 'account', 'token'), 'first')
  const environment = { KUBERNETES_SERVICE_HOST: hostname, KUBERNETES_SERVICE_PORT: port }
  const asking = apiBy(t, new ServiceAccount(environment, join(folder, 'account')))
  api.tokens.set('first', 'system:serviceaccount:default:dispatch')
  await asking.get(PODS, undefined)
  await writeFile(join(folder, 'account', 'token'), 'second')
  api.tokens.clear()
  api.tokens.set('second', 'rotated')
  await asking.get(PODS, undefined)
  assert.equal(api.asked.at(-1)!.user, 'rotated')
  await assert.rejects(new ServiceAccount({}, folder).read(), /KUBERNETES_SERVICE_HOST/)
  await assert.rejects(
    new ServiceAccount(environment, folder).read(),
    /no readable (ca\.crt|token) \(ENOENT\)/,
  )
})

test('an API that cannot prove to be the one of the file is not spoken to', async (t) => {
  const cluster = await openCluster(t, [])
  const { api, url, write, certificate, key } = cluster
  const user = { 'client-certificate-data': base64(certificate), 'client-key-data': base64(key) }
  const stranger = await write(user, { 'certificate-authority-data': undefined })
  const elsewhere = await write(user, { server: url.replace('127.0.0.1', 'localhost') })
  for (const file of [stranger, elsewhere]) {
    const asking = apiBy(t, new Kubeconfig(file, null))
    await assert.rejects(asking.get(PODS, undefined), /cannot be reached: [A-Z_]*(CERT|VERIFY|SIGN|ISSUER)/)
  }
  assert.deepEqual(api.asked, [])
  const named = await write(user, {
    server: url.replace('127.0.0.1', 'localhost'),
    'tls-server-name': 'api.test',
  })
  assert.equal(await userOf(t, cluster, new Kubeconfig(named, null)), 'dispatch')
})

test('an exec plugin gives a token, and is asked again when that has expired or is refused', async (t) => {
  const cluster = await openCluster(t, [])
  const { api, write } = cluster
  api.tokens.set('of-plugin', 'by-plugin')
  const exec = { apiVersion: 'client.authentication.k8s.io/v1', provideClusterInfo: true }
  const ran = async (runs: string) => (await (await import('node:fs/promises')).readFile(runs, 'utf8')).trim()

  const lasting = await plugin(cluster, credential({ token: 'of-plugin' }))
  const asking = apiBy(t, new Kubeconfig(await write({ exec: { ...exec, command: lasting.command } }), null))
  for (let i = 0; i < 3; i++) await asking.get(PODS, undefined)
  const [info, ...more] = (await ran(lasting.runs)).split('\n')
  assert.equal(more.length, 0)
  const { kind, apiVersion, spec } = JSON.parse(info!)
  assert.deepEqual([kind, apiVersion, spec.interactive], ['ExecCredential', exec.apiVersion, false])
  assert.equal(spec.cluster.server, cluster.url)
  api.tokens.clear()
  await assert.rejects(asking.get(PODS, undefined), { status: 401 })
  assert.equal((await ran(lasting.runs)).split('\n').length, 2)

  api.tokens.set('of-plugin', 'by-plugin')
  const expirationTimestamp = new Date(Date.now() + 5000).toISOString()
  const short = await plugin(cluster, credential({ token: 'of-plugin', expirationTimestamp }))
  const again = apiBy(t, new Kubeconfig(await write({ exec: { ...exec, command: short.command } }), null))
  for (let i = 0; i < 2; i++) await again.get(PODS, undefined)
  assert.equal((await ran(short.runs)).split('\n').length, 4)
})

test('an exec plugin may give a certificate, is told its environment, and says itself why it fails', async (t) => {
  const cluster = await openCluster(t, [])
  const { write, certificate, key } = cluster
  const apiVersion = 'client.authentication.k8s.io/v1'
  const env = [{ name: 'WHO', value: 'me' }]
  const status = { clientCertificateData: certificate, clientKeyData: key }
  await writeFile(
    join(cluster.folder, 'out.json'),
    JSON.stringify({ apiVersion, kind: 'ExecCredential', status }),
  )
  const { command } = await plugin(cluster, `[ "$WHO $1" = "me too" ] && cat ${cluster.folder}/out.json`)
  const file = await write({ exec: { apiVersion, command, args: ['too'], env } })
  assert.equal(await userOf(t, cluster, new Kubeconfig(file, null)), 'dispatch')
  const failing: [string, object, RegExp][] = [
    ['echo please log in >&2; exit 3', {}, /plugin failed \(exit code 3\) please log in$/],
    ['echo nothing', {}, /gives no ExecCredential/],
    [credential({}), {}, /gives neither a token nor a certificate/],
    ['true', { interactiveMode: 'Always' }, /has to ask a person/],
    ['true', { apiVersion: 'client.authentication.k8s.io/v1alpha1' }, /v1 and v1beta1 are known/],
    ['true', { command: 'no-such-plugin', installHint: 'get it there' }, /failed \(ENOENT\) get it there/],
  ]
  for (const [body, fields, message] of failing) {
    await plugin(cluster, body)
    const config = await write({ exec: { apiVersion, command, ...fields } })
    await assert.rejects(new Kubeconfig(config, null).read(false), message)
  }
})

test('what cannot be kept is refused with a sentence that shows nothing of the file', async (t) => {
  const { folder, write } = await openCluster(t, [])
  const secret = 'c2VjcmV0'
  const refused: [string, RegExp][] = [
    [join(folder, 'none'), /none cannot be read \(ENOENT\)/],
    [await write({ 'auth-provider': { name: 'gcp' } }), /`auth-provider` cannot be kept/],
    [await write({ username: 'me', password: secret }), /`username` cannot be kept/],
    [await write({ token: secret, as: 'admin' }), /`as` cannot be kept/],
    [await write({}, { 'insecure-skip-tls-verify': true }), /always verified/],
    [await write({}, { 'proxy-url': 'http://proxy' }), /`proxy-url` cannot be kept/],
    [await write({ 'client-key-data': secret }), /client-certificate and client-key go together/],
    [await write({}, { server: 'http://10.0.0.1:6443' }), /only https is/],
    [await write({}, { server: `https://me:${secret}@api` }), /not a plain http or https URL/],
  ]
  await writeFile(join(folder, 'broken'), `users: [${secret}: {: x\n\t- `)
  refused.push([join(folder, 'broken'), /is not YAML \([A-Z_]+\)/])
  for (const [file, message] of refused) {
    await assert.rejects(new Kubeconfig(file, null).read(false), (error: Error) => {
      assert.match(error.message, message)
      assert.ok(!error.message.includes(secret), error.message)
      return true
    })
  }
  const file = await write({ token: 't' })
  await assert.rejects(new Kubeconfig(file, 'elsewhere').read(false), /has no cluster "none"/)
  await assert.rejects(new Kubeconfig(file, 'nowhere').read(false), /has no context "nowhere"/)
})

test('plain HTTP is for this machine, where kubectl proxy listens', async (t) => {
  const { write } = await openCluster(t, [])
  const access = await new Kubeconfig(await write({}, { server: 'http://127.0.0.1:8001/' }), null).read(false)
  assert.equal(access.server, 'http://127.0.0.1:8001')
})
