/** A number that somebody typed behind an option; ends the process with 2 when it is none, or not above 0. */
export function numberAbove0(option: string, text: string): number {
  const number = Number(text)
  if (Number.isFinite(number) && number > 0) return number
  process.stderr.write(`--${option} takes a number above 0, not ${JSON.stringify(text)}\n`)
  process.exit(2)
}
