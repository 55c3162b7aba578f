import type { Question } from '../support/question.ts'
import { question as burst } from './burst.ts'
import { question as idleConnections } from './idle-connections.ts'
import { question as jsonGet } from './json-get.ts'
import { question as lanesAndTransports } from './lanes-and-transports.ts'
import { question as latency } from './latency.ts'
import { question as manyConnections } from './many-connections.ts'
import { question as manyRoutes } from './many-routes.ts'
import { question as observability } from './observability.ts'
import { post } from './post.ts'
import { question as refusals } from './refusals.ts'
import { question as streaming } from './streaming.ts'
import { question as tls } from './tls.ts'
import { question as tokenMiss } from './token-miss.ts'

/** In the order in which they are asked. */
export const questions: readonly Question[] = [
  jsonGet,
  lanesAndTransports,
  latency,
  post(1),
  post(64),
  streaming,
  manyRoutes,
  manyConnections,
  idleConnections,
  tls,
  tokenMiss,
  refusals,
  burst,
  observability,
]
