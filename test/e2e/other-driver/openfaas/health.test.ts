import './driver.ts'
import '../../health.test.ts'
