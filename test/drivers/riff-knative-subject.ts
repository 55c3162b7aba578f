import { driver } from '../../drivers/riff.ts'
import type { Conformance } from '../conformance/driver.ts'
import { invokerHost, riffOptions } from './driver-hosts.ts'
import { knativeConformance, SERVICE_URL } from './knative-conformance.ts'

export const RIFF_KNATIVE: Readonly<Record<string, Conformance>> = {
  'riff on Knative': knativeConformance((ingress) =>
    driver.invoker(riffOptions({ api: 'knative', url: SERVICE_URL, ingress }), invokerHost()),
  ),
}
