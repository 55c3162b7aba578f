import type { Answer } from '../support/question.ts'
import { barChart } from './bar-chart.ts'
import type { Conditions } from './conditions.ts'
import { escapeHtml } from './escape-html.ts'
import { slicePlot } from './slice-plot.ts'
import { cell } from './text-table.ts'

const STYLE = `
:root { color-scheme: light dark }
body { font: 15px/1.5 system-ui, sans-serif; max-width: 1040px; margin: 2em auto; padding: 0 1em }
svg { width: 100%; height: auto; font: 13px system-ui, sans-serif; fill: currentColor }
svg rect { fill: #0072b2; opacity: .75 }
svg line { stroke: currentColor; stroke-width: 2 }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums }
th, td { text-align: right; padding: .2em .6em; border-bottom: 1px solid #8884 }
th:first-child, td:first-child { text-align: left }
section { margin-top: 3em }
`

/** One page that needs nothing else: the answers as plots and tables, and under what they were measured. */
export function htmlPage(conditions: Conditions, answers: readonly Answer[]): string {
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Dispatch Edge: benches of ${escapeHtml(conditions.commit)}</title>
<style>${STYLE}</style>
<h1>Dispatch Edge: benches</h1>
<p>${escapeHtml(describe(conditions))}</p>
<p>Bars and figures are medians, lines and brackets the middle half of the slices. What counts are ratios of one run.</p>
${answers.map(section).join('\n')}
</html>
`
}

function describe({ machine, node, kernel, commit, versions, startedAt, loadBefore }: Conditions): string {
  const others = Object.entries(versions).map(([name, version]) => `${name} ${version}`)
  return `${startedAt}, commit ${commit}. ${machine}, kernel ${kernel}, load ${loadBefore} before. Node ${node}, ${others.join(', ')}.`
}

function section(answer: Answer): string {
  const { name, asks, columns, rows, notes } = answer
  const head = columns.map(({ title }) => `<th>${escapeHtml(title)}</th>`).join('')
  const body = rows.map(({ title, figures }) => {
    const cells = figures.map((figure, at) => `<td>${escapeHtml(cell(figure, columns[at]!))}</td>`)
    return `<tr><td>${escapeHtml(title)}</td>${cells.join('')}</tr>`
  })
  return `<section id="${escapeHtml(name)}">
<h2>${escapeHtml(asks)}</h2>
${barChart(answer)}
<table><tr><th></th>${head}</tr>
${body.join('\n')}
</table>
${notes.map((note) => `<p>${escapeHtml(note)}</p>`).join('\n')}
${slicePlot(answer)}
</section>`
}
