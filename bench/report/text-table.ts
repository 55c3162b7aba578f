import type { Spread } from '../statistics/spread.ts'
import type { Answer, Column } from '../support/question.ts'

/** An answer for a terminal: medians, and in brackets the middle half. */
export function textTable({ asks, columns, rows, notes }: Answer): string {
  const lines = [
    ['', ...columns.map(({ title }) => title)],
    ...rows.map(({ title, figures }) => [title, ...figures.map((figure, at) => cell(figure, columns[at]!))]),
  ]
  const widths = lines[0]!.map((_, column) => Math.max(...lines.map((line) => line[column]!.length)))
  const text = lines.map((line) => line.map((part, column) => part.padEnd(widths[column]!)).join('  '))
  return [asks, '', ...text, ...notes.map((note) => `  ${note}`)].map((line) => line.trimEnd()).join('\n')
}

/** `1.50 [1.40, 1.62]`, or a dash. */
export function cell(figure: Spread | null, { digits }: Column): string {
  if (figure === null) return '–'
  const { low, median, high } = figure
  if (low === high) return median.toFixed(digits)
  return `${median.toFixed(digits)} [${low.toFixed(digits)}, ${high.toFixed(digits)}]`
}
