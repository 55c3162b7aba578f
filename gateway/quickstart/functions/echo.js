// Sends back what it got. The body is streamed through: a large one is never held in memory.
export default {
  async fetch(request) {
    const { pathname, search } = new URL(request.url)
    if (request.method === 'POST' || request.method === 'PUT') {
      return new Response(request.body, {
        headers: { 'content-type': request.headers.get('content-type') ?? 'application/octet-stream' },
      })
    }
    return Response.json({
      method: request.method,
      path: pathname + search,
      headers: Object.fromEntries(request.headers),
    })
  },
}
