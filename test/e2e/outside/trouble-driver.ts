import { Type } from 'typebox'
import type { DriverDefinition, Invocation } from '../../../gateway/contract/driver.ts'
import { HeaderList } from '../../../gateway/contract/headers.ts'
import type { Flow, Sink } from '../../../gateway/contract/sink.ts'

/** Goes wrong as the header `x-trouble` says; answers `fine` when it says nothing. */
export const driver: DriverDefinition = {
  kind: 'trouble',
  status: 'experimental',
  description: 'Goes wrong on request.',
  options: Type.Object({}),
  capabilities: { streaming: true, rawHttp: true },
  invoker: () => ({
    invoke: (invocation, sink) => goWrong(invocation, sink),
    close: async () => {},
  }),
}

const FLOW: Flow = { pause: () => {}, resume: () => {}, abort: () => {} }

const BROKEN_FLOW: Flow = {
  pause: () => {
    throw new Error('trouble with pause')
  },
  resume: () => {
    throw new Error('trouble with resume')
  },
  abort: () => {
    throw new Error('trouble with abort')
  },
}

function goWrong({ call }: Invocation, sink: Sink): undefined | Promise<never> {
  const how = call.header('x-trouble') ?? ''
  if (how === 'throw-before-start') throw new Error('trouble')
  sink.start(how.startsWith('flow-') ? BROKEN_FLOW : FLOW)
  if (how === 'throw') throw new Error('trouble')
  // As from a driver written with async.
  if (how === 'reject') return Promise.reject(new Error('trouble'))
  const act = WAYS[how] ?? answer
  act(sink)
  return undefined
}

const WAYS: Record<string, (sink: Sink) => void> = {
  silent: () => {},
  'flow-abort': () => {},
  'reject-unheard': () => void Promise.reject(new Error('trouble, unheard')),
  later: throwLater,
  'later-after-head': (sink) => {
    sink.head(200, new HeaderList(['content-length', '100']))
    sink.data(Buffer.from('partial'))
    throwLater()
  },
  'flow-pause': (sink) => {
    sink.head(200, new HeaderList())
    for (let i = 0; i < 64; i++) sink.data(Buffer.alloc(1 << 20))
  },
  twice: (sink) => {
    answer(sink)
    answer(sink)
  },
  'end-without-head': (sink) => sink.end(),
  'head-bad-status': (sink) => sink.head(1000, new HeaderList()),
  'head-bad-header': (sink) => sink.head(204, new HeaderList(['x-spoiled', 'a\r\nx-injected: b'])),
  'too-long': (sink) => {
    sink.head(200, new HeaderList(['content-length', '3']))
    sink.data(Buffer.from('fine, and more'))
    sink.end()
  },
  'too-short': (sink) => {
    sink.head(200, new HeaderList(['content-length', '30']))
    sink.data(Buffer.from('fine'))
    sink.end()
  },
  'not-a-buffer': (sink) => {
    sink.head(200, new HeaderList())
    // As a driver without types may send it.
    sink.data({ length: 4 } as unknown as Buffer)
  },
}

function throwLater(): void {
  setTimeout(() => {
    throw new Error('trouble, later')
  }, 1)
}

function answer(sink: Sink): void {
  sink.head(200, new HeaderList(['content-type', 'text/plain']))
  sink.data(Buffer.from('fine'))
  sink.end()
}
