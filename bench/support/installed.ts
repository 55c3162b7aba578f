import { HAPROXY, NGINX, type Program } from './program.ts'
import { findBinary } from './serve-binary.ts'

/** False for a program that this machine would need but does not have. */
export function isInstalled(program: Program): boolean {
  if (program === NGINX) return findBinary('nginx') !== null
  if (program === HAPROXY) return findBinary('haproxy') !== null
  return true
}
