import assert from 'node:assert/strict'

export interface ParsedSample {
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
}

const LINE = /^([a-z_][a-z0-9_]*)(?:\{(.*)\})? (\S+)$/
const LABEL = /([a-z_][a-z0-9_]*)="((?:[^"\\]|\\.)*)"(?:,|$)/gy

/** Reads the text format of Prometheus strictly: every metric declared once, no series twice, no number of ours that is none. */
export function parseExposition(text: string) {
  assert.ok(text.endsWith('\n'))
  const types = new Map<string, string>()
  const samples: ParsedSample[] = []
  const seen = new Set<string>()
  for (const line of text.split('\n')) {
    if (line === '' || line.startsWith('# HELP ')) continue
    const [, , declared, type] = line.startsWith('# TYPE ') ? line.split(' ') : []
    if (declared !== undefined) {
      assert.ok(!types.has(declared), `${declared} is declared twice`)
      types.set(declared, type!)
      continue
    }
    const match = LINE.exec(line)
    assert.ok(match !== null, line)
    const sample = { name: match[1]!, labels: parseLabels(match[2] ?? ''), value: Number(match[3]) }
    assert.ok(types.has(sample.name) || types.get(baseOf(sample.name)) === 'histogram', line)
    assert.ok(!Number.isNaN(sample.value) || /^nodejs_.* nan$/i.test(line), line)
    const key = `${sample.name}${JSON.stringify(Object.entries(sample.labels).sort())}`
    assert.ok(!seen.has(key), `twice: ${line}`)
    seen.add(key)
    samples.push(sample)
  }
  const value = (name: string, labels: object): number | undefined => {
    const wanted = JSON.stringify(Object.entries(labels).sort())
    return samples.find((s) => s.name === name && JSON.stringify(Object.entries(s.labels).sort()) === wanted)
      ?.value
  }
  return { samples, value }
}

function baseOf(name: string): string {
  return name.replace(/_(bucket|sum|count)$/, '')
}

function parseLabels(text: string): Record<string, string> {
  const labels: Record<string, string> = {}
  let end = 0
  for (const [whole, name, value] of text.matchAll(LABEL)) {
    labels[name!] = value!.replace(/\\(.)/g, (_, c: string) => (c === 'n' ? '\n' : c))
    end += whole.length
  }
  assert.equal(end, text.length, text)
  return labels
}
