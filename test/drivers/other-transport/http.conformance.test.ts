import '../../e2e/other-transport/transport.ts'
import '../http.conformance.test.ts'
