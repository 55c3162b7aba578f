import './lane.ts'
import '../drain-calls.test.ts'
