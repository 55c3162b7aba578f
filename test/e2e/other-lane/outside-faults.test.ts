import './lane.ts'
import '../outside-faults.test.ts'
