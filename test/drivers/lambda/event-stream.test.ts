import assert from 'node:assert/strict'
import { test } from 'node:test'
import { EventStream } from '../../../drivers/lambda/event-stream.ts'
import { frame, invokeComplete, payloadChunk } from '../lambda-frames.ts'

const RECORDED = {
  hel: '0000006d0000005a8f3ed47f0b3a6576656e742d7479706507000c5061796c6f61644368756e6b0d3a636f6e74656e742d747970650700186170706c69636174696f6e2f6f637465742d73747265616d0d3a6d6573736167652d747970650700056576656e7468656ce0e74abc',
  complete:
    '00000066000000541f56c8690b3a6576656e742d7479706507000e496e766f6b65436f6d706c6574650d3a636f6e74656e742d747970650700106170706c69636174696f6e2f6a736f6e0d3a6d6573736167652d747970650700056576656e747b7d7006d467',
}

test('the frames that were recorded are read, and are those of the codec of the SDK', () => {
  assert.equal(payloadChunk('hel').toString('hex'), RECORDED.hel)
  assert.equal(invokeComplete().toString('hex'), RECORDED.complete)
  const stream = new EventStream()
  stream.push(Buffer.from(RECORDED.hel + RECORDED.complete, 'hex'))
  const chunk = stream.next()!
  assert.equal(chunk.headers.get(':event-type'), 'PayloadChunk')
  assert.equal(chunk.payload.toString(), 'hel')
  assert.equal(stream.next()!.headers.get(':event-type'), 'InvokeComplete')
  assert.equal(stream.next(), null)
  assert.equal(stream.rest, 0)
})

test('headers of every type are passed over, and what is no frame is refused', () => {
  const stream = new EventStream()
  stream.push(frame({ ':message-type': 'event', long: 'x'.repeat(2000) }, Buffer.alloc(100_000, 'p')))
  assert.equal(stream.next()!.payload.length, 100_000)
  const good = payloadChunk('hello')
  for (let i = 0; i < good.length; i++) {
    const bad = Buffer.from(good)
    bad[i] = bad[i]! ^ 0x40
    const broken = new EventStream()
    broken.push(bad)
    // One that grew in length would wait for bytes that never come, were it not for the checksum in front.
    assert.throws(() => broken.next(), `byte ${i}`)
  }
})
