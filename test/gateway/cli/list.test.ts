import assert from 'node:assert/strict'
import { test } from 'node:test'
import { listText } from '../../../gateway/cli/list.ts'
import type { BackendFunctions } from '../../../gateway/management/lifecycle-host.ts'

const FUNCTION = { name: 'f', ready: true, replicas: 1, limit: null, source: 'i:1', labels: {}, bound: [] }

const backend = (parts: Partial<BackendFunctions>): BackendFunctions => ({
  backend: 'home',
  driver: 'openfaas',
  error: null,
  functions: [],
  missing: [],
  ...parts,
})

test('functions are told with who calls them, and how to bind one that nobody calls', () => {
  const bound = [
    { organization: 'default', functionName: 'hello' },
    { organization: 'acme', functionName: 'report' },
  ]
  const text = listText([
    backend({ functions: [{ ...FUNCTION, bound }] }),
    backend({
      backend: 'far',
      functions: [{ ...FUNCTION, name: 'a.b\u001b', ready: false, replicas: null }],
    }),
  ])
  assert.equal(
    text,
    [
      'BACKEND  NAME  STATE      REPLICAS  LIMIT  FUNCTION            SOURCE',
      'home     f     ready      1         -      hello, acme/report  i:1',
      'far      a.b   not ready  -         -      -                   i:1',
      '',
      'One that no function calls is bound by a line under `functions`, such as:',
      '  NAME: { deployments: [{ backend: far, name: "a.b\\u001b" }] }',
      '',
    ].join('\n'),
  )
})

test('a backend that cannot tell, or not all, is told beside what is known', () => {
  const missing = [{ organization: 'default', functionName: 'f', name: 'f' }]
  const text = listText([
    backend({ error: 'it is away' }),
    backend({ backend: 'far', error: 'not all', missing }),
  ])
  assert.match(text, /^far +f +missing/m)
  assert.match(text, /\n\nhome: it is away\nfar: not all\n$/)
  assert.equal(listText([backend({})]), 'No functions.\n')
  assert.equal(listText([backend({ error: 'it is away' })]), 'home: it is away\n')
})
