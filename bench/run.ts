import { mkdir, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { parseArgs } from 'node:util'
import { questions } from './load/index.ts'
import { readConditions } from './report/conditions.ts'
import { htmlPage } from './report/html-page.ts'
import { textTable } from './report/text-table.ts'
import { numberAbove0 } from './support/number-option.ts'
import type { Answer, Question } from './support/question.ts'

const HELP = `npm run bench -- [questions] [options]

Loads this gateway and other proxies in turn, and tells what a request costs: CPU time of
the process under test, and of that the ratio in the same round, because machines are
shared and their speed changes. Without names all questions are asked.

${questions.map(({ name, asks }) => `  ${name.padEnd(22)}${asks}`).join('\n')}

  --rounds N     slices of each program       (default 15)
  --seconds N    length of a slice            (default 0.5)
  --json FILE    writes all that was measured to a file; - is standard output
  --html FILE    writes a page with plots
  --help         prints this

Progress goes to standard error. Exit code: 0, or 1 when a request failed.
`

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    rounds: { type: 'string', default: '15' },
    seconds: { type: 'string', default: '0.5' },
    json: { type: 'string' },
    html: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
})

if (values.help) process.stdout.write(HELP)
else await ask(chosen(positionals))

async function ask(asked: readonly Question[]): Promise<void> {
  const { json, html } = values
  const settings = {
    rounds: Math.ceil(numberAbove0('rounds', values.rounds)),
    seconds: numberAbove0('seconds', values.seconds),
  }
  const told = (line: string) => void process.stderr.write(`${line}\n`)
  const conditions = readConditions()
  const answers: Answer[] = []
  const asJson = () => `${JSON.stringify({ conditions, settings, answers }, null, 1)}\n`
  for (const question of asked) {
    const answer = await question.answer({ ...settings, told })
    answers.push(answer)
    if (json !== '-') process.stdout.write(`${textTable(answer)}\n\n`)
    // After each, so that a long run that is stopped leaves what it has.
    if (json !== undefined && json !== '-') await write(json, asJson())
    if (html !== undefined) await write(html, htmlPage(conditions, answers))
  }
  if (json === '-') process.stdout.write(asJson())
}

async function write(file: string, text: string): Promise<void> {
  await mkdir(dirname(file), { recursive: true })
  await writeFile(file, text)
}

function chosen(names: readonly string[]): readonly Question[] {
  const unknown = names.find((name) => !questions.some((question) => question.name === name))
  if (unknown !== undefined) {
    process.stderr.write(`there is no question ${JSON.stringify(unknown)}; --help lists them\n`)
    process.exit(2)
  }
  return names.length === 0 ? questions : questions.filter(({ name }) => names.includes(name))
}
