/** What imports this first runs over the express lane, in the process that the test runner makes for each file. */
process.env['DISPATCH_TEST_LANE'] = 'express'
