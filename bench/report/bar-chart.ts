import type { Answer, Column, Row } from '../support/question.ts'
import { escapeHtml } from './escape-html.ts'
import { cell } from './text-table.ts'

const LABEL = 290
const PLOT = 520
const VALUE = 210
const LINE = 30
const TOP = 12

/** The first figure of each row as a bar to its median, with the middle half as a line across its end. SVG. */
export function barChart({ columns, rows }: Answer): string {
  const column = columns[0]!
  const drawn = rows.filter(({ figures }) => figures[0] !== null)
  const most = Math.max(...drawn.map(({ figures }) => figures[0]!.high), Number.MIN_VALUE)
  const height = TOP * 2 + drawn.length * LINE
  const bars = drawn.map((row, at) => bar(row, column, TOP + at * LINE, PLOT / most))
  return `<svg viewBox="0 0 ${LABEL + PLOT + VALUE} ${height}" role="img" aria-label="${escapeHtml(column.title)}">
${bars.join('\n')}
</svg>`
}

function bar({ title, figures }: Row, column: Column, top: number, scale: number): string {
  const { low, median, high } = figures[0]!
  const x = (value: number) => (LABEL + Math.max(0, value) * scale).toFixed(1)
  const middle = top + LINE / 2
  return [
    `<text x="${LABEL - 10}" y="${middle + 5}" text-anchor="end">${escapeHtml(title)}</text>`,
    `<rect x="${LABEL}" y="${top + 5}" width="${(Math.max(0, median) * scale).toFixed(1)}" height="${LINE - 10}"/>`,
    `<line x1="${x(low)}" x2="${x(high)}" y1="${middle}" y2="${middle}"/>`,
    `<text x="${(Number(x(high)) + 8).toFixed(1)}" y="${middle + 5}">${escapeHtml(cell(figures[0]!, column))}</text>`,
  ].join('')
}
