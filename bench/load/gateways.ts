import { gateway } from '../support/program.ts'

/** The two ways to run this gateway that most questions are about. */
export const STANDARD = gateway('dispatch, standard + undici', { lane: 'standard', transport: 'undici' })
export const EXPRESS = gateway('dispatch, express + wire', { lane: 'express', transport: 'wire' })

/** A path that one of the routes takes. */
export const PATH = '/route-500/orders?limit=10'
