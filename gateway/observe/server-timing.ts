/**
 * Value of `server-timing` (W3C Server Timing) as it stands when the head of the answer is there, in milliseconds
 * with two decimals. Says nothing of how many backends there are or where.
 *
 * @param accessMs From the head of the request until access was granted or refused.
 * @param upstreamMs From there to the head of the answer, without `waitedMs`; negative when no backend was asked.
 * @param waitedMs Waiting for a free slot; 0 is not said.
 */
export function serverTiming(accessMs: number, upstreamMs: number, waitedMs: number): string {
  let access = `access;dur=${hundredths(accessMs)}`
  if (waitedMs > 0) access += `, queue;dur=${hundredths(waitedMs)}`
  return upstreamMs < 0 ? access : `${access}, upstream;dur=${hundredths(upstreamMs)}`
}

function hundredths(ms: number): number {
  return Math.round(Math.max(0, ms) * 100) / 100
}
