import './lane.ts'
import '../bounds.test.ts'
