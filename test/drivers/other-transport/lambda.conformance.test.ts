import '../../e2e/other-transport/transport.ts'
import '../lambda.conformance.test.ts'
import '../lambda-url.conformance.test.ts'
