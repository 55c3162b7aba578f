import './transport.ts'
import '../hostile-answers.test.ts'
