import './transport.ts'
import '../drain-calls.test.ts'
