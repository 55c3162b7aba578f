import '../../e2e/other-transport/transport.ts'
import '../knative.conformance.test.ts'
