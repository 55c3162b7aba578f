import { type Document, isCollection, isScalar, type Node, visit, type YAMLParseError } from 'yaml'
import type { Mistakes } from './mistakes.ts'
import type { Place } from './written.ts'

/** One broken spot makes a parser stumble many times: later errors are noise. */
const MOST = 5

interface Saying {
  /** Matches the code and the message of the parser. */
  readonly when: RegExp
  readonly message: string
  readonly expected: string | null
}

const say = (when: RegExp, message: string, expected: string | null): Saying => ({ when, message, expected })

/** The first that matches is said. */
const SAYINGS: readonly Saying[] = [
  say(/^RESOURCE_EXHAUSTION/, 'the file is nested too deeply to be read', null),
  say(/^TAB_AS_INDENT/, 'a tab is used for indentation', 'spaces'),
  say(
    /^BLOCK_AS_IMPLICIT_KEY/,
    'a key stands where the value of another one goes on',
    'one "key: value" in a line, entries of one map in one column, quotes around a text that holds ": "',
  ),
  say(
    /^MULTILINE_IMPLICIT_KEY|^MISSING_CHAR Implicit map keys/,
    'this line is neither a key with a value nor an item of a list',
    '"key: value" with a space after the colon, or "- value" with a space after the dash',
  ),
  say(
    /^MISSING_CHAR Sequence item/,
    'an item of a list without its dash',
    '"- value" in the same column as the other items',
  ),
  say(
    /^MISSING_CHAR Comments/,
    'a comment without a space before its #',
    'a space before #, or quotes around a text that holds #',
  ),
  say(/^MISSING_CHAR Missing space after/, 'no space after the colon', '": " between key and value'),
  say(/^MISSING_CHAR Missing closing/, 'a quote is not closed', 'a closing quote'),
  say(
    /^MISSING_CHAR Missing ,|^BLOCK_IN_FLOW/,
    'a comma or a closing bracket is missing',
    'commas between the entries inside { } and [ ]',
  ),
  say(/^BAD_INDENT Flow|Expected .* to end/, 'a bracket is not closed', 'a closing bracket'),
  say(
    /^BAD_INDENT/,
    'the indentation does not fit',
    'the column of the other entries of the same map or list',
  ),
  say(/^BAD_SCALAR_START/, 'a text cannot begin with this character', 'quotes around the text'),
  say(/^BAD_ALIAS/, 'a lone * or & is not a value', 'quotes around the text'),
  say(
    /^BAD_DQ_ESCAPE/,
    'an unknown escape sequence in double quotes',
    'single quotes, or two backslashes for one',
  ),
  say(/^MULTIPLE_DOCS/, 'a second document begins here', 'one document in the file, without a second "---"'),
  say(/^KEY_OVER_1024_CHARS/, 'a key is longer than 1024 characters', 'a shorter key'),
  say(
    /^UNEXPECTED_TOKEN/,
    'this cannot stand here',
    'a comma or a new line before it, or quotes around a text with special characters',
  ),
  say(/^/, 'this is not valid YAML', null),
]

/** Notes what the parser did not understand, in our words: its own may repeat pieces of the file. */
export function addSyntaxMistakes(text: string, document: Document.Parsed, mistakes: Mistakes): void {
  hideLikelySecrets(text, mistakes)
  const seen = new Set<number>()
  const deep = document.errors.find((error) => error.code === 'RESOURCE_EXHAUSTION')
  for (const error of deep ? [deep] : document.errors) {
    const at = { path: [], place: { start: error.pos[0], end: error.pos[1] } }
    const line = mistakes.lineOf(at)
    if (seen.has(line) || seen.size === MOST) continue
    seen.add(line)
    const opened = openedBefore(text, document, error)
    if (opened === null) mistakes.add(at, remarkFor(error))
    else
      mistakes.add(
        { path: [], place: opened },
        {
          message: `the ${text[opened.start]} that opens here is not closed`,
          expected: closing(text[opened.start]!),
        },
      )
  }
}

function remarkFor(error: YAMLParseError) {
  const { message, expected } = SAYINGS.find(({ when }) => when.test(`${error.code} ${error.message}`))!
  return { message, expected }
}

function closing(open: string): string {
  return `a closing ${open === '{' ? '}' : open === '[' ? ']' : open}`
}

/** The quote or bracket that was never closed, if that is what went wrong: it is noticed only much later. */
function openedBefore(text: string, document: Document.Parsed, error: YAMLParseError): Place | null {
  const unclosed = /^(Missing closing|Flow (map|sequence) in block|Expected .* to end)/.test(error.message)
  if (!unclosed) return null
  let found: Place | null = null
  visit(document, {
    Node(_key, node: Node) {
      const start = node.range?.[0]
      if (start === undefined || start > error.pos[0]) return
      const isOpen = isScalar(node) ? /^["']/.test(text[start] ?? '') : isCollection(node) && node.flow
      if (isOpen && node.range![1] >= error.pos[0] - 1) found = { start, end: start + 1 }
    },
  })
  return found
}

/** Without a tree nobody knows which texts are secrets: mask what looks like one. */
function hideLikelySecrets(text: string, mistakes: Mistakes): void {
  const named =
    /(secret|key|token|password|passwd|credential|hash|private)[\w-]{0,40}["']?[ \t]{0,40}:[ \t]{0,40}([^\r\n]+)/gi
  for (const { index, 0: whole, 2: value } of text.matchAll(named)) {
    mistakes.hide({ start: index + whole.length - value!.length, end: index + whole.length })
  }
  for (const { index, 0: run } of text.matchAll(/[\w+/=.~-]{32,}/g))
    mistakes.hide({ start: index, end: index + run.length })
}
