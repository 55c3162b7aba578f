import type { Outcome } from '../../gateway/contract/outcome.ts'
import type { Flow, Sink } from '../../gateway/contract/sink.ts'

const NOTHING_FLOWS: Flow = { pause() {}, resume() {}, abort() {} }

/** Ends an attempt before anything was sent. */
export function failAtOnce(sink: Sink, outcome: Outcome, detail: string): void {
  sink.start(NOTHING_FLOWS)
  sink.fail(outcome, detail)
}
