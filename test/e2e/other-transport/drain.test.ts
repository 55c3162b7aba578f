import './transport.ts'
import '../drain.test.ts'
