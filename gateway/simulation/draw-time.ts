import type { ServiceTime } from './scenario-schema.ts'

/**
 * Milliseconds that a call takes.
 *
 * @param one From 0 below 1, as is `other`: two numbers of chance make a normal one (Box and Muller, 1958).
 */
export function drawTime(service: ServiceTime, one: number, other: number): number {
  if (typeof service === 'number') return service
  const { mean, spread } = service
  if (spread === 0) return mean
  const variance = Math.log(1 + spread * spread)
  const normal = Math.sqrt(-2 * Math.log(1 - one)) * Math.cos(2 * Math.PI * other)
  return Math.exp(Math.log(mean) - variance / 2 + Math.sqrt(variance) * normal)
}
