import './lane.ts'
import '../kong-assertion.test.ts'
