import { driver } from '../../drivers/knative.ts'
import type { Conformance } from '../conformance/driver.ts'
import { invokerHost, knativeOptions } from './driver-hosts.ts'
import { knativeConformance, SERVICE_URL } from './knative-conformance.ts'

export const KNATIVE: Readonly<Record<string, Conformance>> = {
  knative: knativeConformance((ingress) =>
    driver.invoker(knativeOptions({ url: SERVICE_URL, ingress }), invokerHost()),
  ),
}
