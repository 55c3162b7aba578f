import type { KongConfig } from '../../gateway/config/schema.ts'
import { AdminTarget } from './admin/admin-target.ts'
import { DblessTarget } from './dbless/dbless-target.ts'
import type { Target } from './target.ts'

/** A Kong as the configuration names it. Nothing is sent before it is asked for something. */
export function openTarget({ admin, mode, owner }: KongConfig): Target {
  return mode === 'dbless' ? new DblessTarget(admin, owner) : new AdminTarget(admin)
}
