import { describe, test } from 'node:test'
import type { OpenTransport } from '../../gateway/transport/open-transport.ts'
import { ANSWERS } from './transport/answers.ts'
import { CONNECTIONS } from './transport/connections.ts'
import { FAILURES } from './transport/failures.ts'
import { FLOWS } from './transport/flows.ts'
import { type Case, Subject } from './transport/subject.ts'
import { TLS } from './transport/tls.ts'

const CASES = { ...ANSWERS, ...FAILURES, ...FLOWS, ...CONNECTIONS, ...TLS }

/** What every transport promises, so that the pipeline cannot know on which it runs. */
export function describeTransport(title: string, open: OpenTransport): void {
  describe(`${title} keeps the promises of a transport`, () => {
    for (const [name, run] of Object.entries(CASES) as [string, Case][]) {
      test(name, async (t) => {
        const subject = new Subject(open, t)
        await run(subject)
        subject.settle()
      })
    }
  })
}
