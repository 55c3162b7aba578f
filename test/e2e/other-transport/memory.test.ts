import './transport.ts'
import '../memory.test.ts'
