import type { ServerResponse } from 'node:http'

export const MISSING = 'The requested resource does not exist.'

export function refuse(response: ServerResponse, status: number, error: string): void {
  response.setHeader('X-Request-ID', 'tid')
  say(response, status, { error, code: 'tid' })
}

export function say(response: ServerResponse, status: number, value: unknown): void {
  const text = JSON.stringify(value)
  response.writeHead(status, {
    'Content-Type': 'application/json',
    'Content-Length': Buffer.byteLength(text),
  })
  response.end(text)
}
