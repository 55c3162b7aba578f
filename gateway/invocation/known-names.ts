import { collidesWithOurs, type HeaderRule, isDroppedFromAnswer, ruleFor } from './header-rules.ts'

/** Names repeat; those that were seen first are kept, and strangers cannot push them out. */
const MOST_KEPT = 2000
const LONGEST_KEPT = 64

/** What becomes of a field of a request, by its name as it was sent. */
export interface SentName {
  /** Lower-case. */
  readonly name: string
  /** `refuse`: it reads like one of ours. Undefined passes it on. */
  readonly rule: HeaderRule | 'refuse' | undefined
}

const sent = new Map<string, SentName>()

export function sentName(text: string): SentName {
  return sent.get(text) ?? keep(sent, text, readName(text))
}

function readName(text: string): SentName {
  const name = text.toLowerCase()
  const rule = ruleFor(name)
  if (rule !== undefined || !name.includes('_')) return { name, rule }
  return { name, rule: collidesWithOurs(name) ? 'refuse' : 'drop' }
}

/** What becomes of a field of an answer. */
export type AnswerRule = 'pass' | 'drop' | 'connection' | 'length'

const answered = new Map<string, AnswerRule>()

/** @param name Lower-case. */
export function answerRule(name: string): AnswerRule {
  return answered.get(name) ?? keep(answered, name, readAnswerRule(name))
}

function readAnswerRule(name: string): AnswerRule {
  if (name === 'connection') return 'connection'
  if (name === 'content-length') return 'length'
  return isDroppedFromAnswer(name) ? 'drop' : 'pass'
}

function keep<Known>(known: Map<string, Known>, name: string, what: Known): Known {
  if (known.size < MOST_KEPT && name.length <= LONGEST_KEPT) known.set(name, what)
  return what
}
