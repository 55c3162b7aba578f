import type { ServerResponse } from 'node:http'

export const REGION = 'eu-central-1'

/** The service knows no such function. */
export function notFound(response: ServerResponse, name: string): void {
  const Message = `Function not found: arn:aws:lambda:${REGION}:123456789012:function:${name}`
  refuse(response, 404, 'ResourceNotFoundException', { Type: 'User', Message })
}

/** The service refuses, with its type and body. */
export function refuse(response: ServerResponse, status: number, errorType: string, body: object): void {
  response.setHeader('x-amzn-ErrorType', errorType)
  answer(response, status, JSON.stringify(body))
}

export function answer(response: ServerResponse, status: number, text: string): void {
  if (response.headersSent) return
  const headers = { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(text) }
  response.writeHead(status, headers).end(text)
}
