import './lane.ts'
import '../streaming.test.ts'
