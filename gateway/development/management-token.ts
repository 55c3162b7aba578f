import { randomBytes } from 'node:crypto'
import type { StateDirectory } from './state-directory.ts'

/** Name of the file in the state directory; whoever can read it may steer the gateway. */
export const MANAGEMENT_TOKEN_FILE = 'management-token'

/** Token of the management port: 256 random bits, made once. For gateways whose configuration names none. */
export async function openManagementToken(state: StateDirectory): Promise<string> {
  const make = () => `${randomBytes(32).toString('base64url')}\n`
  return (await state.readOrCreate(MANAGEMENT_TOKEN_FILE, make)).trim()
}
