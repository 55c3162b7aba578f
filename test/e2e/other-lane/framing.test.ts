import './lane.ts'
import '../framing.test.ts'
