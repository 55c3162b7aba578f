import { driver } from '../../drivers/http.ts'
import type { Conformance } from '../conformance/driver.ts'
import { httpOptions, invokerHost } from './driver-hosts.ts'
import { httpConformance } from './http-conformance.ts'

export const HTTP: Readonly<Record<string, Conformance>> = {
  http: httpConformance(async (origin) => driver.invoker(httpOptions({ url: `${origin}/` }), invokerHost())),
}
