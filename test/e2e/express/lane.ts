/** What imports this first runs over the express lane, in the process that the test runner makes for each file. */
process.env['DISPATCH_TEST_LANE'] = 'express'
// The load of a restart is the same on every lane: fewer of it when it is done again.
process.env['DISPATCH_TEST_REQUESTS'] ??= '15000'
