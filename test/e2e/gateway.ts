import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DEFAULT_LANE } from '../../gateway/contract/lane.ts'
import { type RunningGateway, startGateway } from '../../gateway/main.ts'
import { transportUnderTest } from './transport-under-test.ts'

/** The part of a test that ends what the test began. */
export interface Cleanup {
  after(end: () => unknown): void
}

/** A whole gateway on a configuration of its own, as a client sees it. */
export interface TestGateway {
  readonly running: RunningGateway
  readonly url: string
  readonly port: number
  readonly management: string
  readonly configFile: string
  readonly directory: string
  /** Replaces the configuration file. */
  write(yaml: string): Promise<void>
}

/** The lane of listeners for which a test names none; the files of `other-lane/` set it. */
const LANE = process.env['DISPATCH_TEST_LANE'] ?? DEFAULT_LANE

/** Listeners on free ports; keys of `gateway` in the text are added to them. */
const LISTEN = {
  http: '127.0.0.1:0',
  management: { address: '127.0.0.1:0' },
  threads: 1,
  lanes: { http: LANE, https: LANE },
  transport: transportUnderTest(),
  accessLog: { enabled: false },
  logLevel: 'error',
}

/** @param config Anything but the listeners, as an object of the shape of `dispatch.yaml`. */
export async function startTestGateway(t: Cleanup, config: Record<string, unknown>): Promise<TestGateway> {
  const directory = await mkdtemp(join(tmpdir(), 'dispatch-test-'))
  const configFile = join(directory, 'dispatch.yaml')
  const write = (text: string) => writeFile(configFile, text)
  await write(configText(config))
  const running = await startGateway({ configFile, pretty: false })
  t.after(async () => {
    await running.close()
    await rm(directory, { recursive: true, force: true })
  })
  const { http, management } = running.addresses
  return {
    running,
    url: `http://${http}`,
    port: Number(http?.split(':').at(-1)),
    management: `http://${management}`,
    configFile,
    directory,
    write,
  }
}

/** JSON is YAML. */
export function configText(config: Record<string, unknown>): string {
  const gateway = { ...LISTEN, drain: { grace: '0s' }, ...(config['gateway'] as object) }
  return JSON.stringify({ ...config, gateway }, null, 2)
}
