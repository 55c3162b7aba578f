import assert from 'node:assert/strict'
import net from 'node:net'
import type { TestContext } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import { driver } from '../../../drivers/openfaas.ts'
import { type Asked, TestAttempt } from '../../conformance/driver/test-attempt.ts'
import { listen } from '../../loopback.ts'
import { invokerHost, openFaasOptions } from '../driver-hosts.ts'

export const FUNCTION = { organization: 'default', functionName: 'direct', name: 'direct' }
export const PLAIN = 'Content-Type: text/plain; charset=utf-8'
export const OCTETS = 'Content-Type: application/octet-stream'
export const GO_ERROR = [PLAIN, 'X-Content-Type-Options: nosniff']
export const START = 'X-Start-Time: 1795338088215064730'
export const DURATION = 'X-Duration-Seconds: 2.000543'

/** An answer as the platform writes it; its length is added. */
export const answer = (status: string, fields: readonly string[], body = '') =>
  [`HTTP/1.1 ${status}`, ...fields, `Content-Length: ${Buffer.byteLength(body)}`, '', body].join('\r\n')

/** Has a platform send these pieces, each in a write of its own. */
export async function told(
  t: TestContext,
  pieces: readonly string[],
  asked: Asked = { path: '/' },
): Promise<TestAttempt> {
  const server = net.createServer((socket) => {
    socket.setNoDelay(true)
    socket.on('error', () => {})
    socket.once('data', async () => {
      for (const piece of pieces) {
        socket.write(piece)
        await turn()
      }
      socket.end()
    })
  })
  const url = `http://127.0.0.1:${await listen(server)}/`
  const invoker = driver.invoker(openFaasOptions({ url }), invokerHost())
  t.after(async () => {
    await invoker.close()
    server.close()
  })
  const attempt = await new TestAttempt(FUNCTION, asked).run(invoker).over()
  assert.deepEqual(attempt.offences, [])
  return attempt
}
