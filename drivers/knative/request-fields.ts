/** What Knative's own parts say to each other by: a client could pass for a probe or choose another service by it. */
const OWN_FIELDS = new Set([
  'k-network-probe',
  'k-kubelet-probe',
  'k-proxy-request',
  'k-original-host',
  'k-passthrough-lb',
  'knative-serving-revision',
  'knative-serving-namespace',
  'knative-serving-tag',
  'knative-serving-default-route',
])

/** Answered by a sidecar in the place of the function, or let past its limit. */
const PROBE_AGENT = /^(?:kube-probe\/|Knative-Activator-Probe|Knative-Autoscaling-Probe)/i

/**
 * Whether a field means something to Knative or its ingress and is not for clients to send. An Envoy in front takes
 * `x-envoy-*` as orders, for time-outs and retries among other things, from callers within the cluster's network.
 */
export function isForPlatform(name: string, value: string): boolean {
  switch (name.charCodeAt(0)) {
    case 0x6b /* k */:
      return OWN_FIELDS.has(name)
    case 0x66 /* f */:
      // The sidecar adds it where it is missing; a client's own would be believed.
      return name === 'forwarded'
    case 0x75 /* u */:
      return name === 'user-agent' && PROBE_AGENT.test(value)
    case 0x78 /* x */:
      return name.startsWith('x-envoy-')
    default:
      return false
  }
}
