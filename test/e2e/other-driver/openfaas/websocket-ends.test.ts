import './driver.ts'
import '../../websocket-ends.test.ts'
