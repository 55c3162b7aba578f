import type { SimulationResult, SimulationSeries } from './simulation-result.ts'

const WIDTH = 960
const HEIGHT = 260
const LEFT = 56
const RIGHT = 150
const BOTTOM = 28
const TOP = 12
/** Told apart also by who sees no red or green (Okabe and Ito). */
const COLOURS = ['#0072b2', '#d55e00', '#009e73', '#cc79a7', '#e69f00', '#56b4e9', '#000000', '#999999']

/** One line of a plot. */
interface Curve {
  readonly name: string
  readonly colour: string
  readonly values: readonly number[]
  /** Dashed, at one height; null for none. */
  readonly limit: number | null
}

/**
 * A page with the load of the backends over time and what was refused, for one configuration or several. It is whole in
 * itself: it loads nothing and runs nothing.
 */
export function simulationPage(results: readonly SimulationResult[]): string {
  const names = [...new Set(results.flatMap(({ backends }) => backends.map(({ name }) => name)))]
  const colourOf = (name: string) => COLOURS[names.indexOf(name) % COLOURS.length]!
  const sections = results.map((result) => {
    const used = result.backends.filter(({ attempts }) => attempts > 0)
    const load = used.map(({ name, capacity }) => ({
      name,
      colour: colourOf(name),
      values: result.series.inFlight[name] ?? [],
      limit: capacity,
    }))
    return `<h2>${escaped(result.file)}</h2>
${summary(result)}
<h3>Calls at once, by backend; dashed: what it can take</h3>
${plot(load, result.series)}
<h3>Calls per second</h3>
${plot(rates(result.series), result.series)}`
  })
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>Dispatch Edge: simulation</title>
<style>
body { font: 15px/1.5 system-ui, sans-serif; max-width: ${WIDTH}px; margin: 2em auto; padding: 0 1em; color: #222; background: #fff }
h2 { margin-top: 2em } h3 { font-size: 1em; margin-bottom: 0 } svg { width: 100%; height: auto; display: block }
table { border-collapse: collapse } td, th { padding: 0.1em 1em 0.1em 0; text-align: left }
text { font: 12px system-ui, sans-serif; fill: #444 }
</style>
</head>
<body>
<h1>Where the load goes</h1>
<p>${Math.round(results[0]!.lengthMs / 1000)} s of load in virtual time, seed ${results[0]!.seed}.</p>
${sections.join('\n')}
</body>
</html>
`
}

function rates({ stepMs, arrivals, served, refused }: SimulationSeries): Curve[] {
  const perSecond = (values: readonly number[]) => values.map((value) => (value * 1000) / stepMs)
  return [
    { name: 'come in', colour: '#999999', values: perSecond(arrivals), limit: null },
    { name: 'served', colour: '#009e73', values: perSecond(served), limit: null },
    { name: 'refused, failed', colour: '#d55e00', values: perSecond(refused), limit: null },
  ]
}

function summary({ calls, latencyMs, money, backends }: SimulationResult): string {
  const lost = [...Object.values(calls.refused), ...Object.values(calls.failed)].reduce((a, b) => a + b, 0)
  const rows = backends
    .filter(({ attempts }) => attempts > 0)
    .map(({ name, served, share, latencyMs: { p50, p99 }, money: paid }) => [
      name,
      String(served),
      `${(100 * share).toFixed(1)} %`,
      `${p50} ms`,
      `${p99} ms`,
      paid.toPrecision(4),
    ])
  const cells = (tag: string, row: readonly string[]) =>
    `<tr>${row.map((cell) => `<${tag}>${escaped(cell)}</${tag}>`).join('')}</tr>`
  return `<p>${calls.arrived} calls: ${calls.served} served, ${lost} refused or failed, ${calls.waited} waited. Latency p50 ${latencyMs.p50} ms, p95 ${latencyMs.p95} ms, p99 ${latencyMs.p99} ms. Money: ${money.toPrecision(4)}.</p>
<table>${cells('th', ['backend', 'served', 'share', 'p50', 'p99', 'money'])}${rows.map((row) => cells('td', row)).join('')}</table>`
}

function plot(curves: readonly Curve[], { stepMs }: SimulationSeries): string {
  const points = Math.max(2, ...curves.map(({ values }) => values.length))
  const top = niceAbove(Math.max(1, ...curves.map(({ values, limit }) => highest(values, limit ?? 0))))
  const x = (step: number) => LEFT + ((WIDTH - LEFT - RIGHT) * step) / (points - 1)
  const y = (value: number) => HEIGHT - BOTTOM - ((HEIGHT - BOTTOM - TOP) * value) / top
  const grid = [0, 0.25, 0.5, 0.75, 1].map((share) => {
    const at = y(share * top)
    return `<line x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${at}" y2="${at}" stroke="#ddd"/><text x="${LEFT - 8}" y="${at + 4}" text-anchor="end">${share * top}</text>`
  })
  const times = [0, 0.25, 0.5, 0.75, 1].map((share) => {
    const step = share * (points - 1)
    return `<text x="${x(step)}" y="${HEIGHT - 8}" text-anchor="middle">${sayTime((step * stepMs) / 1000)}</text>`
  })
  const lines = curves.map(({ name, colour, values, limit }, i) => {
    const path = values.map((value, step) => `${x(step).toFixed(1)},${y(value).toFixed(1)}`).join(' ')
    const dashed =
      limit === null
        ? ''
        : `<line x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${y(limit)}" y2="${y(limit)}" stroke="${colour}" stroke-dasharray="6 4"/>`
    return `${dashed}<polyline points="${path}" fill="none" stroke="${colour}" stroke-width="1.5"/><rect x="${WIDTH - RIGHT + 12}" y="${TOP + 20 * i}" width="12" height="12" fill="${colour}"/><text x="${WIDTH - RIGHT + 30}" y="${TOP + 20 * i + 11}">${escaped(name)}</text>`
  })
  return `<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img">${grid.join('')}${times.join('')}${lines.join('')}</svg>`
}

function highest(values: readonly number[], least: number): number {
  return values.reduce((most, value) => Math.max(most, value), least)
}

/** 1, 2, 4 or 8 times a power of ten, so that quarters are round. */
function niceAbove(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value))
  return ([1, 2, 4, 8, 10].find((times) => times * power >= value) ?? 10) * power
}

function sayTime(seconds: number): string {
  const whole = Math.round(seconds)
  return whole < 60 ? `${whole} s` : `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, '0')} min`
}

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (odd) => `&#${odd.charCodeAt(0)};`)
}
