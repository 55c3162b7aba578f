import type { IncomingMessage, ServerResponse } from 'node:http'

/** The log of one container as a kubelet keeps it: lines with the time when they were written. */
export class PodLog {
  readonly #lines: string[] = []
  readonly #followers = new Set<ServerResponse>()
  /** What was asked of it. */
  readonly queries: string[] = []

  /** @param at RFC 3339 with billionths of a second. */
  write(at: string, text: string): void {
    const line = `${at} ${text}\n`
    this.#lines.push(line)
    for (const follower of this.#followers) follower.write(line)
  }

  /** Writes what is no line of the container. */
  raw(text: string): void {
    this.#lines.push(text)
  }

  /** Bytes that followers have not taken yet. */
  get waiting(): number {
    return [...this.#followers].reduce((total, { writableLength }) => total + writableLength, 0)
  }

  get followers(): number {
    return this.#followers.size
  }

  /** Ends all that follow, as the API does after some hours. */
  breakOff(): void {
    for (const follower of this.#followers) follower.end()
  }

  /** Counts `sinceTime` from the whole second, as a kubelet does. */
  serve(query: URLSearchParams, _request: IncomingMessage, response: ServerResponse): void {
    this.queries.push(query.toString())
    const since = Math.floor(Date.parse(query.get('sinceTime') ?? '1970-01-01T00:00:00Z') / 1000)
    const lines = this.#lines.filter((line) => !(Date.parse(`${line.slice(0, 23)}Z`) / 1000 < since))
    const tail = query.get('tailLines')
    response.write('')
    response.flushHeaders()
    for (const line of tail === null ? lines : lines.slice(Math.max(0, lines.length - Number(tail)))) {
      response.write(line)
    }
    if (query.get('follow') !== 'true') return void response.end()
    this.#followers.add(response)
    response.on('close', () => this.#followers.delete(response))
  }
}
