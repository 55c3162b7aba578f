import { HeaderList } from '../../gateway/contract/headers.ts'
import { propagateTrace } from '../../gateway/observe/trace-context.ts'
import type { Micro } from './micro.ts'

/** What does it cost to begin a trace, or every second time to go on with that of the client? */
export const micro: Micro = {
  name: 'trace context',
  prepare() {
    const parent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'
    const flat = ['host', 'api.example.com', 'accept', '*/*', 'user-agent', 'bench']
    return (i) => {
      const headers = new HeaderList([...flat])
      if ((i & 1) === 0) headers.flat.push('traceparent', parent)
      return propagateTrace(headers).length
    }
  },
}
