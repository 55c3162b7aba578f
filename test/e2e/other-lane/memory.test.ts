import './lane.ts'
import '../memory.test.ts'
