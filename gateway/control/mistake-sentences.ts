import { ConfigInvalid, type Mistake } from '../config/mistakes.ts'
import { describe } from '../transport/upstream-failure.ts'

/** Why a configuration was refused, one sentence for each mistake with its file and line. */
export function mistakeSentences(error: unknown): string[] {
  return error instanceof ConfigInvalid ? error.mistakes.map(sentenceOf) : [describe(error)]
}

function sentenceOf({ file, line, column, path, message, suggestion }: Mistake): string {
  const where = `${file}:${line}:${column}${path === '' ? '' : ` ${path}`}`
  return `${where}: ${message}${suggestion === null ? '' : `; did you mean ${suggestion}?`}`
}
