import '../../e2e/other-transport/transport.ts'
import '../riff-knative.conformance.test.ts'
