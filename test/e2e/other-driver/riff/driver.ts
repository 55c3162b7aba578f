/** What imports this first has the gateway of riff 0.0 in the place of plain servers, in the process that each file has. */
process.env['DISPATCH_TEST_DRIVER'] = 'riff'
