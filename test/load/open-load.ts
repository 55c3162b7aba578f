import { Pool } from 'undici'

/** One request of a load and what became of it. */
export interface Shot {
  /** Milliseconds since the load began. */
  readonly at: number
  readonly tookMs: number
  /** 0 when there was no answer. */
  readonly status: number
  readonly backend: string
  readonly retryAfter: number
}

/**
 * Requests at a fixed rate, whatever becomes of those before (an open loop), so that a slow gateway cannot slow its own
 * load down. With `dispatch-timing`, so that each answer names its backend.
 */
export async function shoot(
  url: string,
  path: string,
  ratePerSecond: number,
  forMs: number,
  method: 'GET' | 'POST' = 'GET',
): Promise<Shot[]> {
  const pool = new Pool(url, { connections: 512, pipelining: 1 })
  const shots: Promise<Shot>[] = []
  const begin = performance.now()
  for (let sent = 0; ; ) {
    const elapsed = performance.now() - begin
    if (elapsed >= forMs) break
    for (const due = (elapsed * ratePerSecond) / 1000; sent < due; sent++)
      shots.push(fire(pool, path, method, begin))
    await new Promise((resolve) => setTimeout(resolve, 2))
  }
  const done = await Promise.all(shots)
  await pool.close()
  return done
}

async function fire(pool: Pool, path: string, method: 'GET' | 'POST', begin: number): Promise<Shot> {
  const sentAt = performance.now()
  const shot = (status: number, backend = '', retryAfter = 0): Shot => ({
    at: sentAt - begin,
    tookMs: performance.now() - sentAt,
    status,
    backend,
    retryAfter,
  })
  try {
    const { statusCode, headers, body } = await pool.request({
      path,
      method,
      headers: { 'dispatch-timing': '1' },
    })
    await body.dump()
    return shot(statusCode, String(headers['dispatch-backend'] ?? ''), Number(headers['retry-after'] ?? 0))
  } catch {
    return shot(0)
  }
}

/** The value below which this share of the numbers lies; 0 without any. */
export function percentile(numbers: readonly number[], share: number): number {
  const sorted = [...numbers].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0
}
