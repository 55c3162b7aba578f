import { type Static, Type } from 'typebox'
import { HeaderName } from '../../../../gateway/contract/option-types.ts'
import type { PluginDefinition } from '../../../../gateway/contract/plugin.ts'

const Options = Type.Object({
  header: HeaderName({ default: 'x-client-version', description: 'Header that every call must have.' }),
})

export const plugin: PluginDefinition<Static<typeof Options>> = {
  name: 'require-header',
  status: 'stable',
  description: 'Refuses calls that lack a header.',
  options: Options,
  create({ header }, host) {
    const missing = host.reject('GW_BAD_HEADER', `Send the header ${header}.`)
    return { access: (call) => (call.header(header) === null ? missing : undefined) }
  },
}
