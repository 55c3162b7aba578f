let last = 0
let text = '0'

/** A deadline as its field says it. Calls that begin in one turn mostly have the same. @param at Milliseconds since 1970. */
export function deadlineText(at: number): string {
  if (at !== last) {
    last = at
    text = String(at)
  }
  return text
}
