import type { Server } from 'node:http'
import type { Invoker } from '../../gateway/contract/driver.ts'
import { createKitServer } from '../conformance/driver/kit-function.ts'
import type { DriverPlatform } from '../conformance/driver/subject.ts'
import { freePort } from '../free-port.ts'
import { listen, shut } from '../loopback.ts'
import { facts } from './deployment-facts.ts'

/** What stands in for a platform. */
interface StandIn {
  /** Where it can be reached. */
  listen(): Promise<unknown>
  close(): void
}

type Address<Platform extends StandIn> = Awaited<ReturnType<Platform['listen']>>

interface KitPlatform<Platform extends StandIn> {
  /** Makes the stand-in; a second one is for what nobody answers. */
  create: () => Platform
  /** Deploys the kit's function, which serves HTTP on this port. */
  deploy: (platform: Platform, port: number) => void
  invoker: (address: Address<Platform>, port: number) => Invoker
  /** Name of the kit's function where it serves one call at a time; left out where the platform has no such limit. */
  readonly busy?: string
  /** Default: the kit's own. */
  readonly server?: Server
}

/** The kit's function as `kit` on a stand-in, with an invoker for it. */
export async function openKitPlatform<Platform extends StandIn>({
  create,
  deploy,
  invoker: invokerFor,
  busy,
  server = createKitServer(),
}: KitPlatform<Platform>): Promise<DriverPlatform> {
  const port = await listen(server)
  const platform = create()
  deploy(platform, port)
  const invoker = invokerFor((await platform.listen()) as Address<Platform>, port)
  return {
    invoker,
    deployment: facts('kit'),
    unknown: facts('nope'),
    ...(busy === undefined ? {} : { busy: facts(busy) }),
    async unreachable() {
      const gone = create()
      const address = (await gone.listen()) as Address<Platform>
      gone.close()
      return invokerFor(address, await freePort())
    },
    async close() {
      await invoker.close()
      platform.close()
      shut(server)
    },
  }
}
