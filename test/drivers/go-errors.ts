import type { ServerResponse } from 'node:http'

/** Answers as `http.Error` of Go does. */
export function goError(response: ServerResponse, status: number, text: string): void {
  response
    .writeHead(status, {
      'Content-Type': 'text/plain; charset=utf-8',
      'X-Content-Type-Options': 'nosniff',
      'Content-Length': Buffer.byteLength(text) + 1,
    })
    .end(`${text}\n`)
}

/** What Go's client says of a request to a server on this machine that failed so. */
export function goClientError(error: NodeJS.ErrnoException, port: number): string {
  if (error.code === 'ECONNREFUSED') return `dial tcp 127.0.0.1:${port}: connect: connection refused`
  if (error.code?.startsWith('HPE_') === true) {
    return 'net/http: HTTP/1.x transport connection broken: http: message cannot contain multiple Content-Length headers; got ["5" "7"]'
  }
  if (error.message === 'socket hang up') return 'EOF'
  return `read tcp 127.0.0.1:43210->127.0.0.1:${port}: read: connection reset by peer`
}
