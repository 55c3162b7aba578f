import './lane.ts'
import '../faults.test.ts'
