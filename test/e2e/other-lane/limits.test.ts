import './lane.ts'
import '../limits.test.ts'
