import './lane.ts'
import '../tls-listener.test.ts'
