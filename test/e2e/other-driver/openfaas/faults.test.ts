import './driver.ts'
import '../../faults.test.ts'
