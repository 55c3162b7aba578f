import './driver.ts'
import '../../websocket-memory.test.ts'
