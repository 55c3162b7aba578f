import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { serveBinary } from '../support/serve-binary.ts'

/** HAProxy as a bare reverse proxy with kept connections: one thread, no log, nothing checked. */
const [upstream = ''] = process.argv.slice(2)
const folder = mkdtempSync(join(tmpdir(), 'dispatch-bench-haproxy-'))

await serveBinary('haproxy', folder, (port) => {
  const file = join(folder, 'haproxy.cfg')
  writeFileSync(file, configuration(port, new URL(upstream).host))
  return ['-db', '-q', '-f', file]
})

function configuration(port: number, host: string): string {
  return `
global
  nbthread 1
  maxconn 8192
defaults
  mode http
  timeout connect 5s
  timeout client 75s
  timeout server 75s
  http-reuse always
frontend in
  bind 127.0.0.1:${port} backlog 1024
  default_backend behind
backend behind
  server one ${host}
`
}
