import { micro as answerHead } from './answer-head.ts'
import { assertions } from './assertions.ts'
import { micro as authorization } from './authorization.ts'
import { micro as knownHint } from './known-hint.ts'
import { micro as knownToken } from './known-token.ts'
import { matching } from './matching.ts'
import { micro as metrics } from './metrics.ts'
import type { Micro } from './micro.ts'
import { placing } from './placement.ts'
import { micro as rateLimit } from './rate-limit.ts'
import { micro as requestHead } from './request-head.ts'
import { micro as traceContext } from './trace-context.ts'
import { micro as wholeCall } from './whole-call.ts'

/** The functions of the hot path, in the order in which a call meets them. */
export const micros: readonly Micro[] = [
  requestHead,
  traceContext,
  matching(10),
  matching(10_000),
  knownToken,
  assertions('known'),
  assertions('new'),
  authorization,
  rateLimit,
  knownHint,
  placing(1),
  placing(10),
  answerHead,
  metrics,
  wholeCall,
]
