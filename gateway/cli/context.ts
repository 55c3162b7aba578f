import type { LoadedConfig } from '../config/load-config.ts'
import type { Registry } from '../config/registry.ts'
import type { RunningGateway } from '../main.ts'
import type { Terminal } from './terminal.ts'

/** What every command is given. */
export interface Context {
  readonly terminal: Terminal
  readonly gateway: GatewayAccess
  /** Ends the program with another code than 0 although nothing failed in the command itself. */
  exitWith(code: number): void
}

/** What commands use of the gateway itself. It is loaded when one of these is first called. */
export interface GatewayAccess {
  /** @throws ConfigInvalid With every mistake. */
  loadConfig(file: string): Promise<LoadedConfig>
  /** The drivers and plugins of the project. */
  registry(): Promise<Registry>
  startGateway(options: { readonly configFile: string }): Promise<StartedGateway>
}

/** A gateway that serves, as far as commands use it. */
export type StartedGateway = Omit<RunningGateway, 'reload'>
