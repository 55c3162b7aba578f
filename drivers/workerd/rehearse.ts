import type { Bundle } from './bundle.ts'
import type { RuntimeHost } from './organization-runtime.ts'
import { ProcessLog } from './process-log.ts'
import { RuntimeProcess } from './runtime-process.ts'

const SILENT = { info() {}, warn() {}, error() {} }

/**
 * Starts code once, alone and unreachable, to see that it starts.
 *
 * @throws StartRefused With what is wrong with it.
 */
export async function rehearse(bundle: Bundle, host: RuntimeHost | null): Promise<void> {
  if (host === null) throw new Error('the backend is not open')
  const process = await RuntimeProcess.start({
    ...host.plan,
    folder: host.newFolder(),
    bundles: [bundle],
    log: new ProcessLog(SILENT, ''),
  })
  process.kill()
  await process.exited
}
