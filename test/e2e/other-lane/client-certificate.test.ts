import './lane.ts'
import '../client-certificate.test.ts'
