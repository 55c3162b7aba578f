import { parentPort, workerData } from 'node:worker_threads'
import { registry, watched } from './built-in.ts'
import { loadOutsideModules } from './config/outside-modules.ts'
import { DataPlane } from './threads/data-plane.ts'
import type { ThreadStart, ToThread } from './threads/messages.ts'

/** Where a data-plane thread begins. It loads what serves calls, and nothing of what controls the gateway. */
const port = parentPort!
const dataPlane = new DataPlane(
  workerData as ThreadStart,
  (message) => port.postMessage(message),
  async (config) => watched(await loadOutsideModules(config.plugins, config.drivers, registry)),
)
port.on('message', (message: ToThread) => void dataPlane.hear(message))
void dataPlane.open()
