import '../../e2e/other-transport/transport.ts'
import '../workerd.conformance.test.ts'
