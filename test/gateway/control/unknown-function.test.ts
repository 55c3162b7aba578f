import assert from 'node:assert/strict'
import { test } from 'node:test'
import { unknownFunction } from '../../../gateway/control/unknown-function.ts'

function told(organization: string, name: string, known: readonly string[]): string {
  const functions = new Map(
    known.map((each) => {
      const [of = '', named = ''] = each.split('/')
      return [each, { organization: of, name: named }] as const
    }),
  )
  return unknownFunction({ functions }, organization, name).detail
}

test('who names a function that there is not hears which there are, and how to add one', () => {
  assert.equal(
    told('default', 'resize', ['default/hello']),
    'There is no function resize in the organization default; there is hello. A new one is added to the configuration first.',
  )
  assert.match(told('default', 'x', ['default/hello', 'default/bye']), /; there are hello, bye\. A new one/)
  const many = Array.from({ length: 9 }, (_, i) => `default/function-${i}`)
  assert.match(told('default', 'x', many), /function-0, .*function-4 and others\./)
  assert.match(told('default', 'helo', ['default/hello']), /; hello may be meant\.$/)
  assert.match(told('default', 'hello', ['acme/hello', 'default/x']), /, but in acme\.$/)
  assert.match(told('acne', 'hello', ['acme/hello']), /which has none; acme may be meant\.$/)
})
