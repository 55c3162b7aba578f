import './lane.ts'
import '../targets-and-headers.test.ts'
