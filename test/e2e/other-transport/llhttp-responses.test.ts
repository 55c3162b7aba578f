import './transport.ts'
import '../corpora/llhttp-responses.test.ts'
