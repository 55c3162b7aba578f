import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readConditions } from '../../../bench/report/conditions.ts'
import { htmlPage } from '../../../bench/report/html-page.ts'
import { textTable } from '../../../bench/report/text-table.ts'
import type { Answer } from '../../../bench/support/question.ts'

const answer: Answer = {
  name: 'sample',
  asks: 'Is <b> dearer than "a"?',
  columns: [
    { title: 'CPU µs/request', digits: 1 },
    { title: 'ratio', digits: 2 },
  ],
  rows: [
    { title: 'a', figures: [{ low: 9, median: 10, high: 12 }, null], slices: slices(9, 10, 12) },
    {
      title: '<b>',
      figures: [
        { low: 19, median: 20, high: 21 },
        { low: 1.9, median: 2, high: 2.1 },
      ],
      slices: slices(19, 20, 21),
    },
  ],
  notes: ['a & b'],
}

function slices(...values: readonly number[]) {
  return values.map((cpuMicrosecondsPerRequest) => ({ cpuMicrosecondsPerRequest }))
}

test('the table shows medians with the middle half, and a dash where there is nothing', () => {
  const lines = textTable(answer).split('\n')
  assert.match(lines[3]!, /^a +10\.0 \[9\.0, 12\.0\] +–$/)
  assert.match(lines[4]!, /^<b> +20\.0 \[19\.0, 21\.0\] +2\.00 \[1\.90, 2\.10\]$/)
})

test('the page needs nothing from elsewhere, and names are text in it', () => {
  const page = htmlPage(readConditions(), [answer])
  assert.doesNotMatch(page, /<script|src=|href=|url\(|@import/)
  assert.doesNotMatch(page, /<b>/)
  assert.match(page, /Is &lt;b&gt; dearer than &quot;a&quot;\?/)
})

test('bars are as long as their medians, and every slice is drawn', () => {
  const page = htmlPage(readConditions(), [answer])
  const [one, other] = [...page.matchAll(/<rect [^>]*width="([\d.]+)"/g)].map(([, width]) => Number(width))
  assert.ok(Math.abs(other! / one! - 2) < 0.01)
  assert.deepEqual(
    [...page.matchAll(/points="([^"]+)"/g)].map(([, points]) => points!.split(' ').length),
    [3, 3],
  )
})
