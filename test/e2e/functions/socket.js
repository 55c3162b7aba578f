// A function as its author would write it: sends back what it hears.
export default {
  async fetch(request) {
    if (request.headers.get('upgrade') !== 'websocket') return new Response('no WebSocket', { status: 426 })
    const [client, server] = Object.values(new WebSocketPair())
    server.accept()
    server.binaryType = 'arraybuffer'
    server.addEventListener('message', ({ data }) => {
      if (data === 'throw') throw new Error('as asked')
      if (data === 'close') return server.close(4002, 'as asked')
      server.send(typeof data === 'string' ? `${request.headers.get('dispatch-subject')}: ${data}` : data)
    })
    server.addEventListener('close', ({ code, reason }) => server.close(code, reason))
    return new Response(null, { status: 101, webSocket: client })
  },
}
