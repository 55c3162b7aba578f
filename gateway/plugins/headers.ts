import { type Static, Type } from 'typebox'
import { HeaderName, Text } from '../contract/option-types.ts'
import type { Plugin, PluginDefinition } from '../contract/plugin.ts'
import { HeaderEdits } from './support/header-edits.ts'
import { requestRefusal, responseRefusal } from './support/header-names.ts'
import { REFERENCE_NAMES } from './support/header-value.ts'

const references = REFERENCE_NAMES.map((name) => `\`\${${name}}\``).join(', ')

function Fields(description: string) {
  return Type.Record(
    Type.String({ pattern: "^[!#$%&'*+.^_`|~0-9A-Za-z-]+$" }),
    Text({
      description: `Value. May hold ${references}, and \`$$\` for a dollar sign. Keep credentials out of the file with \`{ env: NAME }\`.`,
    }),
    { default: {}, expected: 'a header name', description },
  )
}

function Edits(description: string) {
  return Type.Object(
    {
      remove: Type.Array(HeaderName({ description: 'One header.' }), {
        default: [],
        description: 'Headers to take out, before all else.',
      }),
      set: Fields(
        'Headers to write, in place of any that are there. One whose reference has no value, such as the principal of a public call, is only taken out.',
      ),
      add: Fields(
        'Headers to write beside those that are there. One whose reference has no value is left out.',
      ),
    },
    { default: {}, description },
  )
}

const Options = Type.Object({
  request: Edits('What the function gets.'),
  response: Edits('What the caller gets, also from the errors of the gateway.'),
})

type Options = Static<typeof Options>

export const plugin: PluginDefinition<Options> = {
  name: 'headers',
  status: 'stable',
  description: 'Sets, adds and removes headers of the request and of the answer.',
  options: Options,
  create(options) {
    const request = compile('request', options.request, requestRefusal)
    const response = compile('response', options.response, responseRefusal)
    const phases: Plugin = {}
    if (!request.empty) phases.access = (call) => request.apply(call, call.requestHeaders)
    if (!response.empty) phases.headerFilter = (call, _status, headers) => response.apply(call, headers)
    return phases
  },
}

function compile(
  side: string,
  edits: Options['request'],
  refusal: (name: string) => string | null,
): HeaderEdits {
  try {
    return new HeaderEdits(edits, refusal)
  } catch (error) {
    throw new Error(`${side}.${(error as Error).message}`)
  }
}
