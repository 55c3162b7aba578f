import '../e2e/other-lane/lane.ts'
import './memory.test.ts'
