import { type Static, Type } from 'typebox'
import type { Call } from '../contract/call.ts'
import { Size } from '../contract/option-types.ts'
import type { Plugin, PluginDefinition } from '../contract/plugin.ts'
import { Rejection } from '../contract/rejection.ts'

const Options = Type.Object({
  limit: Size({
    default: '10MiB',
    description:
      'Greatest length of a request body. A greater Content-Length is refused before a byte is read, a chunked body as soon as it has more.',
  }),
})

type Options = Static<typeof Options>

export const plugin: PluginDefinition<Options> = {
  name: 'request-size',
  status: 'stable',
  description: 'Refuses requests whose body is longer than a limit.',
  options: Options,
  create: (options) => new RequestSize(options.limit),
}

class RequestSize implements Plugin {
  readonly #limitBytes: number
  readonly #tooLarge: Rejection

  constructor(limitBytes: number) {
    this.#limitBytes = limitBytes
    this.#tooLarge = new Rejection('GW_BODY_TOO_LARGE', `The body may have at most ${limitBytes} bytes.`)
  }

  access(call: Call): Rejection | undefined {
    if (call.bodyLength > this.#limitBytes) return this.#tooLarge
    call.limitBody(this.#limitBytes)
    return undefined
  }
}
