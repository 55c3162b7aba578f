import '../../e2e/other-transport/transport.ts'
import '../openfaas.conformance.test.ts'
