// Greets, and shows who the gateway says is calling. The function does not see the token: the gateway verifies it, takes it
// away, and tells in `dispatch-*` headers what it found. A client cannot send these itself.
export default {
  async fetch(request) {
    const name = decodeURIComponent(new URL(request.url).pathname.slice(1)) || 'world'
    return Response.json({
      greeting: `Hello, ${name}!`,
      caller: {
        subject: request.headers.get('dispatch-subject'),
        organization: request.headers.get('dispatch-organization'),
        scopes: request.headers.get('dispatch-scopes')?.split(' ').filter(Boolean) ?? [],
      },
    })
  },
}
