import type { StateDirectory } from '../development/state-directory.ts'

const FILE = 'running.json'

/** What `dispatch up` leaves for the other commands while it runs. */
export interface RunningGateway {
  readonly pid: number
  /** `host:port` of the management listener. */
  readonly management: string
  /** Where its token is: in the configuration, or in a file of the state directory. */
  readonly token: 'configuration' | 'state'
}

/**
 * Leaves the facts, unless another gateway that runs has left its own. A folder that cannot be written to is no reason
 * not to run: commands then read the configuration.
 */
export async function announceGateway(state: StateDirectory, gateway: RunningGateway): Promise<void> {
  if ((await findGateway(state)) === null)
    await state.write(FILE, `${JSON.stringify(gateway)}\n`).catch(() => {})
}

/** Takes back what this process left. */
export async function withdrawGateway(state: StateDirectory, pid: number): Promise<void> {
  if ((await findGateway(state))?.pid === pid) await state.remove(FILE).catch(() => {})
}

/** The gateway that runs on this configuration, or null. A gateway that was killed leaves nothing behind that counts. */
export async function findGateway(state: StateDirectory): Promise<RunningGateway | null> {
  const content = await state.read(FILE).catch(() => null)
  if (content === null) return null
  try {
    const gateway = JSON.parse(content) as RunningGateway
    process.kill(gateway.pid, 0)
    return gateway
  } catch {
    return null
  }
}
