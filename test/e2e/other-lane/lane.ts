import { DEFAULT_LANE, LANE_NAMES } from '../../../gateway/contract/lane.ts'

/** What imports this first runs over the lane that is not the default, in the process that each file has. */
process.env['DISPATCH_TEST_LANE'] = LANE_NAMES.find((name) => name !== DEFAULT_LANE)
