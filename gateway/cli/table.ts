import { printable } from './printable.ts'

/** Rows as aligned columns, two spaces between them, each line with this indentation. Empty rows give an empty text. */
export function table(rows: readonly (readonly string[])[], indentation = ''): string {
  const cells = rows.map((row) => row.map(printable))
  const widths = (cells[0] ?? []).map((_, column) =>
    Math.max(...cells.map((row) => (row[column] ?? '').length)),
  )
  return cells
    .map((row) =>
      `${indentation}${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ')}`.trimEnd(),
    )
    .map((line) => `${line}\n`)
    .join('')
}

/** A table with heads behind an empty line; nothing without rows. */
export function section(heads: readonly string[], rows: readonly (readonly string[])[]): string {
  return rows.length === 0 ? '' : `\n${table([heads, ...rows])}`
}
