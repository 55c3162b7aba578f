import '../e2e/other-transport/transport.ts'
import './memory.test.ts'
