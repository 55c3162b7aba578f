import { writeFile } from 'node:fs/promises'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import type { TestContext } from 'node:test'
import { announceGateway } from '../../../gateway/cli/running-gateway.ts'
import { openManagementToken } from '../../../gateway/development/management-token.ts'
import { stateDirectoryOf } from '../../../gateway/development/state-directory.ts'
import { listen } from '../../loopback.ts'
import { temporaryFolder } from '../development/temporary-folder.ts'

export interface Received {
  readonly method: string
  readonly url: string
  readonly headers: IncomingMessage['headers']
  readonly body: Buffer
}

/**
 * A folder with a configuration, and something that listens where its gateway would. Takes the token that a gateway
 * takes, and answers what the test says.
 */
export async function managementStandIn(
  t: TestContext,
  answer: (response: ServerResponse, request: Received) => void,
): Promise<{ cwd: string; received: Received[]; address: string }> {
  const cwd = await temporaryFolder(t)
  await writeFile(join(cwd, 'dispatch.yaml'), '# broken since the gateway was started: [')
  const state = stateDirectoryOf(cwd)
  const token = await openManagementToken(state)
  const received: Received[] = []
  const server = createServer(async (request, response) => {
    const { method = '', url = '', headers } = request
    const one = { method, url, headers, body: await buffer(request) }
    received.push(one)
    if (headers.authorization !== `Bearer ${token}`)
      problem(response, 401, 'GW_UNAUTHENTICATED', 'A credential')
    else answer(response, one)
  })
  const address = `127.0.0.1:${await listen(server)}`
  t.after(() => server.close())
  await announceGateway(state, { pid: process.pid, management: address, token: 'state' })
  return { cwd, received, address }
}

/** A refusal as the gateway sends it. */
export function problem(response: ServerResponse, status: number, code: string, detail: string): void {
  response.writeHead(status, { 'content-type': 'application/problem+json', 'dispatch-error': code })
  response.end(JSON.stringify({ title: 'It is refused', status, code, detail, requestId: 'r-1' }))
}
