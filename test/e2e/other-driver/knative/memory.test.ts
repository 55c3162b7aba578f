import './driver.ts'
import '../../memory.test.ts'
