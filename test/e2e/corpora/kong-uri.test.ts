import assert from 'node:assert/strict'
import { Corpus } from '../../gateway/identity/corpus.ts'
import { Edge, message } from '../edge.ts'

/** Kong's path normalisation: behind Kong the gateway decides the path that Kong decided, or refuses. */
const corpus = new Corpus('kong-uri')
const edge = new Edge({ skip: corpus.options.skip })

interface Row {
  readonly fn: 'normalize' | 'escape'
  readonly input_latin1: string
  readonly expected_latin1: string
}

/** Everything escaped that is not reserved or unreserved, as Kong writes a path to what stands behind it. */
function escaped(path: string): string {
  return path.replace(/[^A-Za-z0-9\-._~!#$%&'()*+,/:;=?@[\]]/g, (character) => {
    return `%${character.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`
  })
}

edge.test('a path arrives as Kong would have normalised it, or is refused', async () => {
  const rows = corpus.json('uri_normalize.json') as readonly Row[]
  const served: string[] = []
  for (const { fn, input_latin1: input, expected_latin1: expected } of rows) {
    const path = fn === 'normalize' ? input : expected
    const sent = await edge.send(message([`GET ${path} HTTP/1.1`, 'Host: corpus.test']))
    const [status] = sent.statuses
    if (status !== 200) {
      assert.equal(status, 400, path)
      assert.deepEqual(sent.seen, [], path)
      continue
    }
    assert.equal(sent.seen[0]?.target, escaped(expected), path)
    served.push(path)
  }
  assert.deepEqual(served, [
    '/',
    '/a',
    '/a/',
    '/a/b/c',
    '/a/b/c/',
    '/f%6f%6f',
    '/%6B%6f%6e%67',
    '/endel%C3%B8st',
    '/a%20b/c%20d',
    '/a%F0%9F%98%80',
    '/endel%C3%B8st',
  ])
})
