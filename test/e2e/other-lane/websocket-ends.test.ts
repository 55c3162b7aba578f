import './lane.ts'
import '../websocket-ends.test.ts'
