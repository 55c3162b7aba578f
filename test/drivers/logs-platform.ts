import http, { type IncomingMessage, type ServerResponse } from 'node:http'
import { listen, shut } from '../loopback.ts'
import { bodyOf } from './body-of.ts'
import { KEY } from './lambda-platform.ts'
import { refusedSignature } from './lambda-signature.ts'
import { answer, REGION } from './lambda-words.ts'

interface Event {
  readonly logStreamName: string
  readonly timestamp: number
  readonly message: string
  readonly eventId: string
}

interface Asked {
  readonly logGroupName: string
  readonly startTime?: number
  readonly endTime?: number
  readonly nextToken?: string
}

/** CloudWatch Logs as far as FilterLogEvents goes: signed requests, pages, and pages without an event. */
export class LogsPlatform {
  readonly #groups = new Map<string, Event[]>()
  readonly #server = http.createServer((request, response) => void this.#serve(request, response))
  readonly asked: Asked[] = []
  /** Events of a page. */
  page = 2
  #ids = 0

  async listen(): Promise<string> {
    return `http://127.0.0.1:${await listen(this.#server)}`
  }

  write(group: string, timestamp: number, message: string, logStreamName = '2026/11/22/[$LATEST]a1'): void {
    const events = this.#groups.get(group) ?? []
    this.#groups.set(group, events)
    events.push({ logStreamName, timestamp, message, eventId: String(++this.#ids) })
  }

  close(): void {
    shut(this.#server)
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await bodyOf(request)
    if (body === null) return
    const { rawHeaders, headers } = request
    const signed = { method: request.method!, target: request.url!, rawHeaders, body }
    const refused = refusedSignature(signed, KEY, REGION, Date.now(), 'logs')
    if (refused !== null) return say(response, 400, { __type: refused })
    if (headers['x-amz-target'] !== 'Logs_20140328.FilterLogEvents') {
      return say(response, 400, { __type: 'UnknownOperationException' })
    }
    const asked = JSON.parse(body.toString()) as Asked
    this.asked.push(asked)
    const group = this.#groups.get(asked.logGroupName)
    if (group === undefined) {
      const message = 'The specified log group does not exist.'
      return say(response, 400, { __type: 'ResourceNotFoundException', message })
    }
    const { startTime = 0, endTime = Number.POSITIVE_INFINITY, nextToken = '-1' } = asked
    const found = group
      .filter(({ timestamp }) => timestamp >= startTime && timestamp <= endTime)
      .sort((a, b) => a.timestamp - b.timestamp)
    // The first page of a search may well be empty.
    const from = Number(nextToken)
    const to = from < 0 ? 0 : from + this.page
    const events = from < 0 ? [] : found.slice(from, to)
    say(response, 200, { events, ...(to < found.length && { nextToken: String(to) }) })
  }
}

function say(response: ServerResponse, status: number, body: object): void {
  answer(response, status, JSON.stringify(body))
}
