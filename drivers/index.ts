import type { DriverDefinition } from '../gateway/contract/driver.ts'
import { driver as http } from './http.ts'
import { driver as knative } from './knative.ts'
import { driver as lambda } from './lambda.ts'
import { driver as openfaas } from './openfaas.ts'
import { driver as openwhisk } from './openwhisk.ts'
import { driver as riff } from './riff.ts'
import { driver as workerd } from './workerd.ts'

/** Every driver of the project. A new one is a file beside this and a line here. */
export const drivers: readonly DriverDefinition[] = [
  http,
  knative,
  lambda,
  openfaas,
  openwhisk,
  riff,
  workerd,
]
