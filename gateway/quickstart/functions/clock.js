// A stream of server-sent events: a tick every 200 ms, each of which reaches the client as it is written.
// When the client leaves, the gateway stops the function at once.
const MOST_TICKS = 50

export default {
  async fetch(request) {
    const asked = Number(new URL(request.url).searchParams.get('ticks') ?? 10)
    const ticks = Number.isInteger(asked) && asked > 0 ? Math.min(asked, MOST_TICKS) : 10
    let tick = 0
    const events = new ReadableStream({
      async pull(controller) {
        if (tick === ticks) return controller.close()
        if (tick > 0) await scheduler.wait(200)
        tick += 1
        const event = `id: ${tick}\nevent: tick\ndata: ${new Date().toISOString()}\n\n`
        controller.enqueue(new TextEncoder().encode(event))
      },
    })
    return new Response(events, {
      headers: { 'content-type': 'text/event-stream', 'cache-control': 'no-store' },
    })
  },
}
