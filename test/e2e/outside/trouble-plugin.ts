import { Type } from 'typebox'
import type { Call } from '../../../gateway/contract/call.ts'
import type { Plugin, PluginDefinition, PluginHost } from '../../../gateway/contract/plugin.ts'
import type { Reply, Verdict } from '../../../gateway/contract/rejection.ts'

type Phase = 'precheck' | 'access' | 'headerFilter' | 'log'

/** Goes wrong where and how the header `x-trouble` says, for example `access:throw`. */
export const plugin: PluginDefinition = {
  name: 'trouble',
  status: 'experimental',
  description: 'Goes wrong on request.',
  options: Type.Object({}),
  create: (_options, host): Plugin => ({
    precheck: (call) => goWrong(call, 'precheck', host) as Exclude<Verdict, Promise<unknown>>,
    access: (call) => goWrong(call, 'access', host),
    headerFilter: (call, _status, headers) => {
      if (wanted(call, 'headerFilter') === 'bad-header') headers.add('x-spoiled', 'a\r\nx-injected: b')
      else if (wanted(call, 'headerFilter') === 'bad-length') headers.set('content-length', '1')
      else goWrong(call, 'headerFilter', host)
    },
    log: (call) => void goWrong(call, 'log', host),
  }),
}

function wanted(call: Call, phase: Phase): string | null {
  const [where, how = ''] = (call.header('x-trouble') ?? '').split(':')
  return where === phase ? how : null
}

function goWrong(call: Call, phase: Phase, host: PluginHost): Verdict {
  switch (wanted(call, phase)) {
    case 'throw':
      throw new Error('trouble')
    case 'reject':
      return Promise.reject(new Error('trouble'))
    case 'later':
      setTimeout(() => {
        throw new Error('trouble, later')
      }, 1)
      return undefined
    case 'nonsense':
      // As a plugin without types may answer.
      return { status: 200 } as unknown as Reply
    case 'bad-reply':
      return host.reply(99, ['bad name', 'x'])
    case 'bad-reply-header':
      return host.reply(204, ['x-spoiled', 'a\r\nx-injected: b'])
    case 'wait':
      return new Promise((resolve) => setTimeout(resolve, 300, undefined))
    case 'never':
      return new Promise(() => {})
    case 'exit':
      return process.exit(1)
    case 'loop':
      for (;;);
    default:
      return undefined
  }
}
