import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { serveBinary } from '../support/serve-binary.ts'

/** nginx as a bare reverse proxy with kept connections: one worker, no log, nothing checked. */
const [upstream = ''] = process.argv.slice(2)
const folder = mkdtempSync(join(tmpdir(), 'dispatch-bench-nginx-'))

await serveBinary('nginx', folder, (port) => {
  const file = join(folder, 'nginx.conf')
  writeFileSync(file, configuration(port, new URL(upstream).host))
  return ['-p', folder, '-e', 'error.log', '-c', file]
})

function configuration(port: number, host: string): string {
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
  return `
daemon off;
master_process off;
pid nginx.pid;
events { worker_connections 8192; }
http {
  access_log off;
  keepalive_requests 1000000000;
  keepalive_timeout 75s;
${temporary.map((name) => `  ${name}_temp_path ${name};`).join('\n')}
  upstream behind {
    server ${host};
    keepalive 128;
    keepalive_requests 1000000000;
  }
  server {
    listen 127.0.0.1:${port} backlog=1024;
    client_max_body_size 0;
    client_body_buffer_size 128k;
    location / {
      proxy_pass http://behind;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
    }
  }
}
`
}
