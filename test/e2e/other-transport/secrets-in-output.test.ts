import './transport.ts'
import '../secrets-in-output.test.ts'
