import { EventStreamCodec } from '@smithy/eventstream-codec'

const codec = new EventStreamCodec(
  (bytes) => Buffer.from(bytes).toString(),
  (text) => Buffer.from(text),
)

/** One message of an event stream, written by the codec of the AWS SDK. */
export function frame(headers: Readonly<Record<string, string>>, payload: Buffer | string): Buffer {
  const typed = Object.entries(headers).map(([name, value]) => [name, { type: 'string', value }] as const)
  return Buffer.from(
    codec.encode({ headers: Object.fromEntries(typed), body: Buffer.from(payload as string) } as Parameters<
      typeof codec.encode
    >[0]),
  )
}

export const payloadChunk = (payload: Buffer | string): Buffer =>
  frame(
    {
      ':event-type': 'PayloadChunk',
      ':content-type': 'application/octet-stream',
      ':message-type': 'event',
    },
    payload,
  )

export const invokeComplete = (said: object = {}): Buffer =>
  frame(
    { ':event-type': 'InvokeComplete', ':content-type': 'application/json', ':message-type': 'event' },
    JSON.stringify(said),
  )
