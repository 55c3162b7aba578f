import { join } from 'node:path'
import { driver } from '../../drivers/workerd.ts'
import type { Conformance } from '../conformance/driver.ts'
import { facts } from './deployment-facts.ts'
import { invokerHost, workerdOptions } from './driver-hosts.ts'
import { WorkerdBackend } from './workerd-backend.ts'

const FUNCTIONS = join(import.meta.dirname, 'functions')

export const WORKERD: Readonly<Record<string, Conformance>> = {
  workerd: {
    async create() {
      const backend = new WorkerdBackend({ directory: FUNCTIONS }, [facts('kit')])
      await backend.operator.open()
      return {
        invoker: backend.invoker,
        deployment: facts('kit'),
        unknown: facts('nope'),
        async unreachable() {
          const invoker = driver.invoker(workerdOptions({ directory: FUNCTIONS }), invokerHost())
          invoker.update!({ functions: { default: { kit: 'unix:/nonexistent/dispatch.sock' } } })
          return invoker
        },
        close: () => backend.close(),
      }
    },
    skips: {
      'the connection is reset before the head: reset':
        'workerd answers for a function that fails; see the test of a process that is killed',
      'the answer is not valid HTTP: malformed': 'a function cannot make workerd write anything but HTTP',
      'an answer that nobody asked for reaches nobody':
        'a function cannot make workerd write on an idle connection',
      'the platform is full: overloaded, and not executed': 'workerd takes every call',
    },
  },
}
