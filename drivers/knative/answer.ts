import type { Duplex } from 'node:stream'
import type { HeaderList } from '../../gateway/contract/headers.ts'
import type { Sink, UpgradeSink } from '../../gateway/contract/sink.ts'
import { JudgedAnswer } from '../support/judged-answer.ts'
import { removeFields } from '../support/remove-fields.ts'
import { SAYINGS } from './sayings.ts'

/** An answer by way of Knative: of the function, or of the platform in its place. */
export class KnativeAnswer extends JudgedAnswer {
  constructor(sink: Sink, isHead: boolean) {
    super(sink, SAYINGS, isHead)
  }

  protected override edit(_status: number, headers: HeaderList): void {
    removeFields(headers, isOfPlatform)
  }
}

/** The same for a function that is asked for a WebSocket. */
export class KnativeUpgrade extends KnativeAnswer implements UpgradeSink {
  readonly #upgrades: UpgradeSink

  constructor(sink: UpgradeSink) {
    super(sink, false)
    this.#upgrades = sink
  }

  upgraded(connection: Duplex, headers: HeaderList): void {
    removeFields(headers, isOfPlatform)
    this.#upgrades.upgraded(connection, headers)
  }
}

/** The ingress writes its own name over that of the function's server. */
function isOfPlatform(name: string, value: string): boolean {
  return name.startsWith('x-envoy-') || (name === 'server' && value.endsWith('envoy'))
}
