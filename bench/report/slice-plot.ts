import type { Answer } from '../support/question.ts'
import { escapeHtml } from './escape-html.ts'

const WIDTH = 1020
const HEIGHT = 170
const EDGE = 12
const LEGEND = 290
/** Of Okabe and Ito, which those who see few colours tell apart too. */
const COLOURS = ['#0072b2', '#d55e00', '#009e73', '#cc79a7', '#e69f00', '#56b4e9', '#000000', '#999999']

/**
 * Every slice as a point, in the order of time, so that one sees when the machine was busy with something else. Empty
 * for answers without CPU times or with a single slice. SVG.
 */
export function slicePlot({ rows }: Answer): string {
  const series = rows.map(({ title, slices }) => ({ title, values: slices.map(cpuOf) }))
  const all = series.flatMap(({ values }) => values)
  if (all.length <= rows.length || all.some(Number.isNaN)) return ''
  const most = Math.max(...all)
  const rounds = Math.max(...series.map(({ values }) => values.length))
  const x = (round: number) => LEGEND + EDGE + (round / Math.max(1, rounds - 1)) * (WIDTH - LEGEND - EDGE * 2)
  const y = (value: number) => HEIGHT - EDGE - (value / most) * (HEIGHT - EDGE * 2)
  const drawn = series.map(({ title, values }, at) => {
    const colour = COLOURS[at % COLOURS.length]!
    const points = values.map((value, round) => `${x(round).toFixed(1)},${y(value).toFixed(1)}`)
    const name = `<text x="${LEGEND - 10}" y="${EDGE + 10 + at * 18}" text-anchor="end" fill="${colour}">${escapeHtml(title)}</text>`
    return `<polyline points="${points.join(' ')}" fill="none" stroke="${colour}"/>${name}`
  })
  const height = Math.max(HEIGHT, EDGE + 14 + series.length * 18)
  return `<svg viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="slices">${drawn.join('\n')}</svg>`
}

function cpuOf(slice: object): number {
  const value = (slice as { readonly cpuMicrosecondsPerRequest?: number }).cpuMicrosecondsPerRequest
  return value ?? Number.NaN
}
