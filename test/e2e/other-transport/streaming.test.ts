import './transport.ts'
import '../streaming.test.ts'
