/**
 * Value of `server-timing` (W3C Server Timing) as it stands when the head of the answer is there, in milliseconds
 * with two decimals. Says nothing of how many backends there are or where.
 *
 * @param accessMs From the head of the request until access was granted or refused.
 * @param upstreamMs From there to the head of the answer; negative when no backend was asked.
 */
export function serverTiming(accessMs: number, upstreamMs: number): string {
  const access = `access;dur=${hundredths(accessMs)}`
  return upstreamMs < 0 ? access : `${access}, upstream;dur=${hundredths(upstreamMs)}`
}

function hundredths(ms: number): number {
  return Math.round(Math.max(0, ms) * 100) / 100
}
