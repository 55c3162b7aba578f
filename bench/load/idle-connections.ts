import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import { spread } from '../statistics/spread.ts'
import { startChild } from '../support/child.ts'
import { residentBytes } from '../support/cpu-time.ts'
import { HTTP_PROXY, type Program, UPSTREAM } from '../support/program.ts'
import type { Answer, Effort, Question, Row } from '../support/question.ts'
import { EXPRESS, PATH, STANDARD } from './gateways.ts'

const CONNECTIONS = 10_000
/** Of these the memory is not counted: they compile the code and fill what the heap has left. */
const FIRST_CONNECTIONS = 1000
/** Opened at once, so that no queue of the kernel runs over. */
const AT_ONCE = 200
/** Collections of garbage and buffers that shrink come after a while. */
const CALM_MS = 1000

/** How much memory does a connection take that was used once and waits? */
export const question: Question = {
  name: 'idle-connections',
  asks: `How much memory does a connection take that was used once and waits, of ${CONNECTIONS}?`,
  answer,
}

async function answer({ told }: Effort): Promise<Answer> {
  const rows: Row[] = []
  for (const program of [STANDARD, EXPRESS, HTTP_PROXY]) {
    told(`idle-connections: ${program.name}`)
    rows.push(await rowOf(program))
  }
  return {
    name: question.name,
    asks: question.asks,
    columns: [{ title: 'KiB for each', digits: 1 }],
    rows,
    notes: [
      'Growth of the resident memory of the process from 1 000 connections to 10 000; what the kernel holds for a socket is not in it.',
      'One measurement for each program, whatever the number of rounds. A machine that allows a process fewer open files than 10 100 refuses it.',
    ],
  }
}

async function rowOf(program: Program): Promise<Row> {
  const upstream = await startChild(UPSTREAM, '')
  const child = await startChild(program, upstream.url)
  const sockets: Socket[] = []
  try {
    const { hostname, port, host } = new URL(child.url)
    const fields = Object.entries({ host, ...child.headers }).map(([name, value]) => `${name}: ${value}\r\n`)
    const request = `GET ${PATH} HTTP/1.1\r\n${fields.join('')}\r\n`
    const openUpTo = async (count: number): Promise<number> => {
      while (sockets.length < count) {
        const group = Array.from({ length: AT_ONCE }, () => connect(Number(port), hostname))
        sockets.push(...group)
        await Promise.all(group.map((socket) => answered(socket, request)))
      }
      await pause(CALM_MS)
      return residentBytes(child.pid)
    }
    const before = await openUpTo(FIRST_CONNECTIONS)
    const bytes = ((await openUpTo(CONNECTIONS)) - before) / (CONNECTIONS - FIRST_CONNECTIONS)
    return { title: program.name, figures: [spread([bytes / 1024])], slices: [{ bytes }] }
  } finally {
    for (const socket of sockets) socket.destroy()
    await child.stop()
    await upstream.stop()
  }
}

async function answered(socket: Socket, request: string): Promise<void> {
  socket.write(request)
  const [bytes] = (await once(socket, 'data')) as [Buffer]
  if (!bytes.toString('latin1', 0, 13).startsWith('HTTP/1.1 200 ')) throw new Error('an answer is not 200')
}
