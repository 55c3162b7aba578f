import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { DriverDefinition } from '../../../gateway/contract/driver.ts'
import { describeDriver } from '../../conformance/driver.ts'
import { invokerHost } from '../driver-hosts.ts'
import { httpConformance } from '../http-conformance.ts'

/** As the gateway does it: a path from the configuration, a module that exports `driver`. */
async function load(path: string): Promise<DriverDefinition> {
  const module = (await import(pathToFileURL(path).href)) as { driver: DriverDefinition }
  return module.driver
}

describeDriver(
  'a driver from outside',
  httpConformance(async (url) => {
    const driver = await load(join(import.meta.dirname, 'header-driver.ts'))
    return driver.invoker({ url }, invokerHost())
  }),
)
