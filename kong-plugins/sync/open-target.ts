import type { KongConfig } from '../../gateway/config/schema.ts'
import { AdminTarget } from './admin/admin-target.ts'
import type { Target } from './target.ts'

/** A Kong as the configuration names it. Nothing is sent before it is asked for something. */
export function openTarget({ admin }: KongConfig): Target {
  return new AdminTarget(admin)
}
