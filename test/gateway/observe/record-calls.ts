import { workerData } from 'node:worker_threads'
import { SharedMemoryView } from '../../../gateway/capacity/shared-memory.ts'
import { SeriesFactory } from '../../../gateway/observe/series.ts'

/** A thread that records as fast as it can. */
const { map, threads, thread, calls, route } = workerData
const series = new SeriesFactory(new SharedMemoryView(map), threads, thread).route(
  route.label,
  route.backends,
)
for (let i = 0; i < calls; i++) series.record(0, 'answered', 200, 0.01, 0.5, 1, 3, 4)
