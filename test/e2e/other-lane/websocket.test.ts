import './lane.ts'
import '../websocket.test.ts'
