import http from 'node:http'
import type { Action } from './openwhisk-platform.ts'

/** An action that has a server on this port answer, as an action for the web would. */
export function httpAction(port: number): Action {
  return (parameters) =>
    new Promise((resolve, reject) => {
      const { __ow_method, __ow_path, __ow_query, __ow_headers, __ow_body } = parameters as Record<
        string,
        string
      >
      const path = __ow_query === '' ? __ow_path : `${__ow_path}?${__ow_query}`
      const method = __ow_method!.toUpperCase()
      const headers = Object.entries(__ow_headers!).flat()
      const request = http.request({ host: '127.0.0.1', port, method, path, headers, agent: false })
      request.on('error', reject)
      request.on('response', async (answer) => {
        const chunks: Buffer[] = []
        for await (const chunk of answer) chunks.push(chunk as Buffer)
        const bytes = Buffer.concat(chunks)
        const binary = answer.headers['content-type'] === 'application/octet-stream'
        const { connection, date, 'transfer-encoding': _, ...kept } = answer.headers
        resolve({
          statusCode: answer.statusCode,
          headers: kept,
          body: bytes.toString(binary ? 'base64' : 'utf8'),
        })
      })
      request.end(__ow_body === undefined ? undefined : Buffer.from(__ow_body, 'base64'))
    })
}
