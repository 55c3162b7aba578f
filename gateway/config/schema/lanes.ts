import { Type } from 'typebox'
import { DEFAULT_LANE, LANE_NAMES } from '../../contract/lane.ts'
import { Group } from './fields.ts'

const lane = (listener: string) =>
  Type.Enum([...LANE_NAMES], { default: DEFAULT_LANE, description: `Of the ${listener} listener.` })

export const Lanes = Group(
  { http: lane('HTTP'), https: lane('HTTPS') },
  'How requests are read. `express` reads plain HTTP/1.1 at a fraction of the price, and leaves every connection with anything else on it to `standard`, which takes all that Node takes; answers are the same.',
)
