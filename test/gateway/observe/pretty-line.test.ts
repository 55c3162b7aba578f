import assert from 'node:assert/strict'
import { test } from 'node:test'
import { AccessLog } from '../../../gateway/observe/access-log.ts'
import { prettyLine } from '../../../gateway/observe/pretty-line.ts'
import { loggedCall } from './logged-call.ts'

test('a call is told as status, method, address and duration first', () => {
  const written: string[] = []
  const log = new AccessLog({ write: (line) => written.push(prettyLine(line)) }, 1)
  log.write(loggedCall(), 'local', 10, 0.02, 3.5, 4.25)
  assert.match(
    written[0]!,
    /^\d\d:\d\d:\d\d info {2}200 GET api\.example\.com\/hello\/world 4\.25ms id=id-1 .* backend=local\n$/,
  )
})

test('what a client sent cannot steer a terminal or forge a line', () => {
  const written: string[] = []
  const log = new AccessLog({ write: (line) => written.push(prettyLine(line)) }, 1)
  log.write(loggedCall({ path: '/\u001b[2J\r\nforged', host: '\u202eelpmaxe' }), null, 0, 0, 0, 1)
  assert.equal(written[0]!.indexOf('\n'), written[0]!.length - 1)
  assert.doesNotMatch(written[0]!.slice(0, -1), /[\p{Cc}\p{Cf}]/u)
})
