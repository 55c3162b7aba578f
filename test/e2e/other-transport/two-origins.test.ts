import './transport.ts'
import '../two-origins.test.ts'
