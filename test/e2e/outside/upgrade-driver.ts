import { isMainThread } from 'node:worker_threads'
import { Type } from 'typebox'
import type { DriverDefinition, Invocation } from '../../../gateway/contract/driver.ts'
import type { UpgradeSink } from '../../../gateway/contract/sink.ts'

const Options = Type.Object({
  able: Type.Boolean({ default: true, description: 'Opens WebSockets on the threads that serve, too.' }),
})

/** Goes wrong in the way that the header `x-trouble` names, when a WebSocket is to be opened. */
export const driver: DriverDefinition<{ able: boolean }> = {
  kind: 'upgrade-trouble',
  status: 'experimental',
  description: 'Trouble with WebSockets.',
  options: Options,
  capabilities: { streaming: true, rawHttp: true },
  invoker: ({ able }) => ({
    invoke: (_invocation, sink) => sink.fail('driver-error', 'not asked for'),
    ...((able || isMainThread) && { upgrade }),
    close: async () => {},
  }),
}

const NOTHING_FLOWS = { pause() {}, resume() {}, abort() {} }

function upgrade({ headers }: Invocation, sink: UpgradeSink): void | Promise<void> {
  sink.start(NOTHING_FLOWS)
  switch (headers.get('x-trouble')) {
    case 'reject':
      return Promise.reject(new Error('rejected as asked'))
    case 'later':
      setImmediate(() => {
        throw new Error('thrown later, as asked')
      })
      return
    default:
      throw new Error('thrown as asked')
  }
}
