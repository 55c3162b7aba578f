import type { DriverDefinition, Invoker, Operator } from '../../gateway/contract/driver.ts'
import type { Cleanup } from '../e2e/gateway.ts'
import { invokerHost, operatorHost } from './driver-hosts.ts'

/** An invoker until the test is over. */
export function openInvoker<Options>(
  t: Cleanup,
  driver: DriverDefinition<Options>,
  options: Options,
  host = invokerHost(),
): Invoker {
  const invoker = driver.invoker(options, host)
  t.after(() => invoker.close())
  return invoker
}

/** An operator that is open until the test is over. */
export async function openOperator<Options>(
  t: Cleanup,
  driver: DriverDefinition<Options>,
  options: Options,
  host = operatorHost(),
): Promise<Operator> {
  const operator = driver.operator!(options, host)!
  t.after(() => operator.close())
  await operator.open()
  return operator
}
