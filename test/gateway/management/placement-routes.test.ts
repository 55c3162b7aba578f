import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Rejection } from '../../../gateway/contract/rejection.ts'
import type { ExplainedCall } from '../../../gateway/management/host.ts'
import { AUTHORIZED, hostWith, openPort } from './support.ts'

const PATH = '/v1/organizations/acme/functions/f/placement'

async function open(t: Parameters<typeof openPort>[0]) {
  const asked: [string, string, ExplainedCall][] = []
  const host = hostWith({
    explain(organization, functionName, call) {
      asked.push([organization, functionName, call])
      return new Rejection('GW_NO_ROUTE', 'There is none; g may be meant.')
    },
  })
  const { ask } = await openPort(t, host)
  return { asked, ask: (query: string) => ask(PATH + query, { headers: AUTHORIZED }), bare: ask }
}

test('what the call would ask for is read as the data plane reads it', async (t) => {
  const { ask, asked } = await open(t)
  await ask('?hint=gpu%2C%20burst%3D%3F0&zone=eu-west-1%2Fa&as=globex&role=a&role=b&scope=s')
  const [organization, functionName, { hint, zone, caller }] = asked[0]!
  assert.deepEqual([organization, functionName, zone], ['acme', 'f', 'eu-west-1/a'])
  assert.deepEqual([hint!.burst, hint!.needs.gpu], [false, { model: null, count: 1 }])
  assert.deepEqual(caller, { organization: 'globex', roles: ['a', 'b'], scopes: ['s'] })
  await ask('')
  assert.deepEqual(asked[1]![2], { hint: null, zone: null, caller: null })
})

test('a question that is malformed is refused with what was wrong, and asks nothing', async (t) => {
  const { ask, asked } = await open(t)
  for (const [query, code, detail] of [
    ['?hint=zoen%3D%22a%22', 'GW_BAD_HINT', /zoen is unknown; zone may be meant/],
    ['?zone=EU!', 'GW_BAD_REQUEST', /zone must be a region/],
    ['?zone=a&zone=b', 'GW_BAD_REQUEST', /querystring/],
    ['?hint=gpu&hint=burst', 'GW_BAD_REQUEST', /querystring/],
    ['?region=a', 'GW_BAD_REQUEST', /additional properties/],
    ['?role=a', 'GW_BAD_REQUEST', /with as/],
  ] as const) {
    const answer = await ask(query)
    assert.equal(answer.status, 400, query)
    assert.equal(answer.headers['dispatch-error'], code, query)
    assert.match(String(answer.json()['detail']), detail)
  }
  assert.equal(asked.length, 0)
})

test('a function that there is not is 404 with the one that may be meant', async (t) => {
  const { ask } = await open(t)
  const answer = await ask('')
  assert.equal(answer.status, 404)
  assert.equal(answer.json()['detail'], 'There is none; g may be meant.')
})

test('nobody is told without the management token', async (t) => {
  const { bare, asked } = await open(t)
  assert.equal((await bare(PATH)).status, 401)
  assert.equal(asked.length, 0)
})
