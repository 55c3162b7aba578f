import { desiredState } from '../../kong-plugins/sync/desired/desired-state.ts'
import type { DesiredState } from '../../kong-plugins/sync/entities.ts'
import { KongError } from '../../kong-plugins/sync/kong-error.ts'
import { openTarget } from '../../kong-plugins/sync/open-target.ts'
import type { Plan } from '../../kong-plugins/sync/plan.ts'
import { type Look, Session } from '../../kong-plugins/sync/session.ts'
import type { Config, KongConfig } from '../config/schema.ts'
import { type ConfigFileOption, findConfigFile, shownPath } from './config-file.ts'
import type { Context } from './context.ts'
import { Failure } from './failure.ts'

/** What a command about Kong works with. */
export interface KongWork {
  readonly config: Config
  readonly kong: KongConfig
  readonly desired: DesiredState
  readonly session: Session
  readonly signal: AbortSignal
}

/**
 * Reads the configuration, does something with its Kong and lets go of it.
 *
 * @throws Failure When there is no `kong`, or Kong cannot be read.
 */
export async function withKong(
  options: ConfigFileOption,
  { gateway, terminal }: Context,
  what: (work: KongWork) => Promise<void>,
): Promise<void> {
  const file = findConfigFile(options, terminal)
  const { config } = await gateway.loadConfig(file)
  const { kong } = config
  if (kong === null) {
    throw new Failure(
      `${shownPath(file, terminal)} names no Kong`,
      'add to it:\nkong:\n  admin: { url: "http://127.0.0.1:8001" }',
    )
  }
  const session = new Session(openTarget(kong), kong.mode)
  try {
    await what({ config, kong, desired: desiredState(config), session, signal: new AbortController().signal })
  } catch (error) {
    if (!(error instanceof KongError)) throw error
    throw new Failure(error.message, hintFor(error), { cause: error })
  } finally {
    await session.close()
  }
}

/** Looks at Kong and tells what would be written; writes nothing. */
export async function lookAndPlan({ kong, desired, session, signal }: KongWork): Promise<{
  readonly look: Look
  readonly plan: Plan
}> {
  const look = await session.look(desired, signal)
  return { look, plan: session.plan(desired, look, kong.deletions, Date.now()) }
}

function hintFor({ kind, status }: KongError): string | null {
  if (kind === 'unreachable' || kind === 'timeout') return 'Is it running? Its address is `kong.admin.url`.'
  return status === 401 || status === 403 ? 'Is a token missing in `kong.admin.headers`?' : null
}
