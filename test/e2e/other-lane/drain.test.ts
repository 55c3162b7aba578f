import './lane.ts'
import '../drain.test.ts'
