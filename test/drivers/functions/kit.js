// The kit's function for workerd: the same acts as test/conformance/driver/kit-function.ts.
const events = new Map()
const PIECE = new Uint8Array(65_536).fill(0x66)
const encoder = new TextEncoder()

export default {
  async fetch(request, _env, ctx) {
    const url = new URL(request.url)
    const [, verb, argument] = url.pathname.split('/')
    const act = ACTS[verb]
    if (act === undefined) return new Response('no such act', { status: 404 })
    const id = url.searchParams.get('id') ?? ''
    if (!events.has(id)) events.set(id, [])
    return act({ request, ctx, url, argument, events: events.get(id) })
  },
}

function pattern(length) {
  const bytes = new Uint8Array(length)
  for (let i = 0; i < length; i++) bytes[i] = (i * 31 + (i >> 8)) & 0xff
  return bytes
}

function never(request, events) {
  events.push('started')
  request.signal.addEventListener('abort', () => events.push('left'))
  // A promise that nothing can resolve would be taken for a hang.
  return scheduler.wait(60_000)
}

const ACTS = {
  socket: ({ request, url }) => {
    const offered = request.headers.get('sec-websocket-protocol')?.split(/, */) ?? []
    const [client, server] = Object.values(new WebSocketPair())
    server.accept()
    server.addEventListener('message', ({ data }) => server.send(data))
    server.addEventListener('close', ({ code, reason }) => server.close(code, reason))
    server.send(JSON.stringify({ target: url.pathname + url.search, headers: [...request.headers] }))
    const headers = offered.includes('kit.2') ? { 'sec-websocket-protocol': 'kit.2' } : {}
    return new Response(null, { status: 101, webSocket: client, headers })
  },
  echo: ({ request, url }) => {
    const target = url.pathname + url.search
    const body = JSON.stringify({ method: request.method, target, headers: [...request.headers] })
    return new Response(body, { headers: { 'content-type': 'application/json', 'x-kit': 'caf\u00e9' } })
  },
  digest: async ({ request }) => {
    const bytes = new Uint8Array(await request.arrayBuffer())
    const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes))
    const sha256 = [...digest].map((byte) => byte.toString(16).padStart(2, '0')).join('')
    return Response.json({ length: bytes.length, sha256 })
  },
  status: ({ argument }) => {
    const status = Number(argument)
    if (status === 204 || status === 304) return new Response(null, { status, headers: { etag: '"kit"' } })
    return new Response(`status ${status}`, { status, headers: { 'content-type': 'text/x-kit' } })
  },
  cookies: () => {
    const headers = new Headers()
    for (const cookie of ['a=1', 'b=2; Path=/', 'c=3']) headers.append('set-cookie', cookie)
    return new Response('cookies', { headers })
  },
  bytes: ({ argument }) =>
    new Response(pattern(Number(argument)), { headers: { 'content-type': 'application/octet-stream' } }),
  pipe: ({ request }) => new Response(request.body, { headers: { 'content-type': 'text/event-stream' } }),
  flood: ({ argument, events }) => {
    let left = Number(argument)
    const body = new ReadableStream({
      pull(controller) {
        if (left <= 0) return controller.close()
        left -= PIECE.length
        events[0] = `sent ${Number(argument) - left}`
        controller.enqueue(PIECE.slice())
      },
    })
    return new Response(body)
  },
  hang: async ({ request, events }) => {
    await never(request, events)
    return new Response('too late')
  },
  drip: ({ request, events }) => {
    let dropped = false
    const body = new ReadableStream({
      async pull(controller) {
        if (dropped) await never(request, events)
        dropped = true
        controller.enqueue(encoder.encode('drop'))
      },
    })
    return new Response(body, { headers: { 'content-type': 'text/event-stream' } })
  },
  deaf: async ({ request, events }) => {
    await never(request, events)
    return new Response('too late')
  },
  upload: async ({ request, events }) => {
    events.push('started')
    request.signal.addEventListener('abort', () => events.push('left'))
    try {
      await request.arrayBuffer()
      events.push('complete')
    } catch {
      events.push('left')
    }
    return new Response('read')
  },
  // workerd closes the connection behind it: whoever still sends then may lose the answer with it (RFC 9112, 9.6).
  early: async () => {
    await scheduler.wait(100)
    return new Response('early', { status: 413, headers: { 'content-type': 'text/x-kit' } })
  },
  crash: () => {
    throw new Error('crash')
  },
  events: ({ events }) => Response.json(events),
  fault: ({ argument, ctx }) => FAULTS[argument](ctx),
}

const FAULTS = {
  'cut-length': (ctx) => {
    const { readable, writable } = new FixedLengthStream(100)
    ctx.waitUntil(breakOff(writable))
    return new Response(readable)
  },
  'cut-chunked': (ctx) => {
    const { readable, writable } = new TransformStream()
    ctx.waitUntil(breakOff(writable))
    return new Response(readable)
  },
}

async function breakOff(writable) {
  const writer = writable.getWriter()
  await writer.write(encoder.encode('partial'))
  await scheduler.wait(50)
  await writer.abort(new Error('broken off')).catch(() => {})
}
