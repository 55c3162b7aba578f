/** One exchange with the Admin API as it was recorded. */
export interface Recorded {
  readonly section: number
  readonly line: number
  readonly method: string
  readonly path: string
  readonly note: string
  readonly contentType: string | null
  readonly body: string
  readonly status: number
  /** As received; null when the record has only the beginning of it, or none. */
  readonly answer: unknown
}

/** The exchanges of a transcript with the Admin API; whatever else it holds is left out. */
export function readTranscript(text: string): Recorded[] {
  const found: Recorded[] = []
  let section = 0
  const lines = text.split('\n')
  for (let i = 0; i < lines.length; i++) {
    const heading = /^(\d+)\. /.exec(lines[i]!)
    if (heading && lines[i - 1]?.startsWith('====')) section = Number(heading[1])
    const request = /^### ([A-Z]+) :8001(\/\S*)(?: {4}# (.*))?$/.exec(lines[i]!)
    if (!request) continue
    const block: string[] = []
    for (let j = i + 1; j < lines.length && !/^(### |== |====|# )/.test(lines[j]!); j++) block.push(lines[j]!)
    const exchange = readExchange(block)
    if (exchange)
      found.push({
        section,
        line: i + 1,
        method: request[1]!,
        path: request[2]!,
        note: request[3] ?? '',
        ...exchange,
      })
  }
  return found
}

function readExchange(block: readonly string[]) {
  const answerAt = block.findIndex((line) => /^< \d{3}\b/.test(line))
  // Two answers in one block: something between them was cut out of the record.
  if (answerAt < 0 || block.filter((line) => /^< \d{3}\b/.test(line)).length > 1) return null
  const sent = block.slice(0, answerAt).join('\n').replace(/^> /gm, '').trimEnd()
  const [, contentType = null] = /^Content-Type: (.*)\n/.exec(`${sent}\n`) ?? []
  const received = block
    .slice(answerAt + 1)
    .filter((line) => !line.startsWith('< '))
    .join('\n')
    .trim()
  return {
    contentType,
    body: contentType === null ? sent : sent.replace(/^Content-Type: .*\n?/, ''),
    status: Number(block[answerAt]!.slice(2, 5)),
    answer: parsed(received),
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
