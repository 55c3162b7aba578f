/** What imports this first has Knative in the place of plain servers, in the process that each file has. */
process.env['DISPATCH_TEST_DRIVER'] = 'knative'
