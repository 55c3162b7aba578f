import type { ConfigInvalid } from '../config/mistakes.ts'

export function shownMistakes(error: ConfigInvalid): string {
  return error.mistakes.map((mistake) => `${mistake.file}:${mistake.line}: ${mistake.message}\n`).join('')
}
