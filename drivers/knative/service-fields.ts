import { Type } from 'typebox'
import { Address, Maybe } from '../../gateway/contract/option-types.ts'
import { kubernetesField } from '../support/kubernetes/options.ts'

export const DEFAULT_NAMESPACE = 'default'
export const DEFAULT_TAGGED = '{tag}-{name}'

/** Options that say how the host of a service comes about, and where it is reached. */
export const serviceFields = {
  namespace: Type.String({
    pattern: '^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$',
    default: DEFAULT_NAMESPACE,
    description: 'Namespace of the functions: `{namespace}` in `url`, and where `kubernetes` looks.',
  }),
  tagged: Type.String({
    pattern: '^[a-z0-9{}-]{1,100}$',
    default: DEFAULT_TAGGED,
    expected: 'a pattern such as {tag}-{name}',
    description:
      "What `{name}` in `url` becomes for a deployment that is called SERVICE@TAG, a revision by its tag: the platform's `tag-template`.",
  }),
  ingress: Maybe(
    Address({
      description:
        'Address of the ingress, for example `kourier-internal.kourier-system:80`: every connection goes there, and the host tells which service is called. Left out: where the host leads by DNS. TLS is verified for the host of the service either way.',
    }),
  ),
  kubernetes: kubernetesField(
    'Asks the API of the cluster which functions are there, how many replicas run and how many calls they take, and lets functions be deployed, scaled and removed and their logs be read. Left out: only calls that fail tell.',
  ),
}
