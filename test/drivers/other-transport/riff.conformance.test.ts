import '../../e2e/other-transport/transport.ts'
import '../riff.conformance.test.ts'
