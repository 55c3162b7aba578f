import '../../e2e/other-transport/transport.ts'
import '../openwhisk.conformance.test.ts'
