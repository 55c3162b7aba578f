import type { CallSummary } from '../contract/call.ts'
import { describe } from '../transport/upstream-failure.ts'
import type { ActiveCall } from './active-call.ts'
import { waitNoMore } from './wait.ts'

/** The end of every call, reached exactly once: metrics, the log, what it held, the plugins' log phases. */
export function account(call: ActiveCall): void {
  if (call.state === 'over') return
  if (call.state === 'waiting') waitNoMore(call)
  call.state = 'over'
  const { services } = call
  services.leave(call)
  if (call.holding !== null) giveBack(call)
  if (call.route.logs.length > 0) logPhases(call)
  call.snapshot.leave()
}

function giveBack(call: ActiveCall): void {
  for (let holding = call.holding; holding !== null; holding = holding.next) {
    try {
      holding.giveBack()
    } catch (error) {
      call.services.log.error({ id: call.id, error: describe(error) }, 'what a call held was not given back')
    }
  }
  call.holding = null
}

function logPhases(call: ActiveCall): void {
  const summary: CallSummary = {
    outcome: call.outcome,
    status: call.status,
    attempts: call.attempts,
    backend: call.attempt?.deployment.backend ?? null,
    durationMs: performance.now() - call.startedAt,
  }
  for (const plugin of call.route.logs) {
    try {
      plugin.log!(call, summary)
    } catch (error) {
      call.services.log.error({ id: call.id, error: describe(error) }, 'a log phase failed')
    }
  }
}
