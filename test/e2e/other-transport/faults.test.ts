import './transport.ts'
import '../faults.test.ts'
