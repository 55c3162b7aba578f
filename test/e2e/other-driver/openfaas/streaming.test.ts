import './driver.ts'
import '../../streaming.test.ts'
