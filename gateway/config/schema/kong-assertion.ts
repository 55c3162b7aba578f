import { Type } from 'typebox'
import { Duration, Maybe } from '../../contract/option-types.ts'
import { Group, Rule } from './fields.ts'

const VAULT_REFERENCE = '^\\{vault://[^{}\\s]+\\}$'

/** What the plugin `dispatch-edge` of Kong is told. */
export const Assertion = Group(
  {
    secret: Maybe(
      Type.String({
        pattern: VAULT_REFERENCE,
        expected: 'a reference to a vault of Kong such as "{vault://env/dispatch-key}"',
        description:
          'Where Kong finds the secret of the first key of `identity.kong.keys`: a reference to one of its vaults. Left out: it is given the secret itself, which its Admin API shows to whoever may read there.',
      }),
    ),
    zone: Maybe(
      Type.Union(
        [
          Rule('zone', { description: 'A region or zone.' }),
          Type.String({
            pattern: VAULT_REFERENCE,
            expected: 'a reference to a vault of Kong such as "{vault://env/dispatch-zone}"',
            description: 'A reference, so that each node of Kong has its own.',
          }),
        ],
        {
          description:
            'Where calls come in, for placement: a zone, or a reference to a vault of Kong so that each of its nodes has its own. Left out: not said.',
        },
      ),
    ),
    lifetime: Duration({
      default: '10s',
      min: '2s',
      max: '60s',
      description: 'How long an assertion is good for; whole seconds.',
    }),
  },
  'The plugin `dispatch-edge`, by which Kong tells who calls. Kong is given it when there is `identity.kong`.',
)
