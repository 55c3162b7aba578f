/** What imports this first has the gateway of OpenFaaS in the place of plain servers, in the process that each file has. */
process.env['DISPATCH_TEST_DRIVER'] = 'openfaas'
