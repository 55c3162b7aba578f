import { type Static, Type } from 'typebox'
import type { DriverDefinition } from '../gateway/contract/driver.ts'
import { Duration, Path, Secret, Text } from '../gateway/contract/option-types.ts'
import { WorkerdInvoker } from './workerd/invoker.ts'
import { WorkerdOperator } from './workerd/operator.ts'

const BINDING_NAME = Type.String({ pattern: '^[A-Za-z_][A-Za-z0-9_]{0,63}$' })

const Options = Type.Object({
  directory: Path({
    exists: 'folder',
    description:
      'Folder of the functions. NAME is the default export of `NAME.js`, `.mjs`, `.ts` or `.mts`, or of `NAME/index` with one of these endings.',
  }),
  watch: Type.Boolean({
    default: true,
    description: 'Takes up changes of the folder while running; calls under way end on the old code.',
  }),
  network: Type.Union([Type.Literal('none'), Type.Literal('public')], {
    default: 'none',
    description:
      'What functions can reach: `none`, or `public` addresses. Never this machine or private networks.',
  }),
  environment: Type.Record(BINDING_NAME, Text({ description: 'Text.' }), {
    default: {},
    description: 'What functions find in `env`.',
  }),
  secrets: Type.Record(BINDING_NAME, Secret({ description: 'Secret.' }), {
    default: {},
    description: 'What functions find in `env` too; never shown, logged or put on a command line.',
  }),
  compatibilityDate: Type.String({
    pattern: '^\\d{4}-\\d{2}-\\d{2}$',
    default: '2026-11-17',
    description:
      'Behaviour of the runtime as of this day; see the compatibility dates of Cloudflare Workers.',
  }),
  connections: Type.Integer({
    default: 128,
    minimum: 1,
    maximum: 65_535,
    description: 'Calls of one thread that one function serves at the same time; others wait.',
  }),
  startTimeout: Duration({
    default: '10s',
    min: '100ms',
    description: 'A process that is not ready by then is given up. It takes some 50 ms.',
  }),
  probeInterval: Duration({
    default: '1s',
    min: '10ms',
    description: 'Time between two looks whether a process still answers.',
  }),
  probeTimeout: Duration({
    default: '5s',
    min: '10ms',
    description:
      'A process that does not answer for so long is killed and started anew. The functions of an organization share a thread: one that computes stops the others.',
  }),
  grace: Duration({
    default: '60s',
    description: 'Time that calls on old code get to end after a change.',
  }),
})
export type WorkerdOptions = Static<typeof Options>

/** Functions on this machine, with nothing to install: fetch handlers in isolates of workerd. */
export const driver: DriverDefinition<WorkerdOptions> = {
  kind: 'workerd',
  status: 'stable',
  description: 'A folder of functions that run on this machine, in isolates of Cloudflare’s workerd.',
  options: Options,
  capabilities: { streaming: true, rawHttp: true },
  invoker: ({ connections }, host) => new WorkerdInvoker(connections, host),
  operator: (options, host) => new WorkerdOperator(options, host),
}
