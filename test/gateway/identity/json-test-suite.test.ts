import assert from 'node:assert/strict'
import { test } from 'node:test'
import { JwksDownload } from '../../../gateway/identity/jwks-download.ts'
import { REASONS } from '../../../gateway/identity/rejections.ts'
import { parseStrictJson } from '../../../gateway/identity/strict-json.ts'
import { Corpus } from './corpus.ts'
import { ANYBODY, authenticatorFor, bearing, claims, forge, refused } from './fixture.ts'
import { jwksConfig, KeyServer } from './key-server.ts'

const corpus = new Corpus('JSONTestSuite')

/** The texts that are to be accepted, that are objects, and that everybody reads alike. */
const OBJECTS = [
  ...['object', 'object_basic', 'object_empty', 'object_empty_key', 'object_escaped_null_in_key'],
  ...[
    'object_extreme_numbers',
    'object_long_strings',
    'object_simple',
    'object_string_unicode',
    'object_with_newlines',
  ],
].map((name) => `test_parsing/y_${name}.json`)

function files(): string[] {
  const found = corpus.list('test_parsing')
  assert.equal(found.length, 318)
  return found
}

test('of all texts only proper objects are read (D17, D18)', corpus.options, () => {
  const read = files().filter((file) => parseStrictJson(corpus.bytes(file)) !== null)
  const certain = read.filter((file) => !file.includes('/i_'))
  assert.deepEqual(certain, OBJECTS)
  for (const file of read) JSON.parse(corpus.bytes(file).toString())
})

test('each text as header or claims of a token is 401 (D17, D18, D42)', corpus.options, () => {
  const authenticator = authenticatorFor()
  for (const file of files()) {
    const bytes = corpus.bytes(file)
    for (const text of [forge(bytes, claims()), forge({ alg: 'RS256', kid: 'main' }, bytes)]) {
      const { reason } = refused(authenticator.authenticate(bearing(text), ANYBODY))
      if (file.includes('/n_')) assert.equal(reason, REASONS.malformed, file)
    }
  }
})

test('each text as JWKS document is refused (D37)', corpus.options, async () => {
  const server = await KeyServer.open()
  const download = new JwksDownload(jwksConfig(server.url))
  for (const file of files()) {
    server.answerWith(corpus.bytes(file), { 'content-type': 'application/json' })
    await assert.rejects(download.fetch(), { message: 'it is not a JSON object with a list of keys' }, file)
  }
  await download.close()
  await server.close()
})
