/** What an entry of a queue carries, so that it can leave from anywhere without a search. */
export interface Queued {
  /** The line that it stands in; null while in none. */
  line: Line | null
  ahead: Queued | null
  behind: Queued | null
}

/** Entries of one organization for one purpose, in the order in which they came. */
export class Line {
  readonly organization: Organization
  readonly purpose: object
  first: Queued | null = null
  last: Queued | null = null
  length = 0
  next: Line = this
  previous: Line = this

  constructor(organization: Organization, purpose: object) {
    this.organization = organization
    this.purpose = purpose
  }
}

/** An organization of which somebody waits. Its lines are a ring. */
class Organization {
  readonly name: string
  readonly lines = new Map<object, Line>()
  /** The line whose turn is next. */
  turn: Line | null = null
  next: Organization = this
  previous: Organization = this

  constructor(name: string) {
    this.name = name
  }
}

/**
 * Who waits on one thread: round robin over organizations, within each over its lines, within a line first come, first
 * served. To enter and to leave, from wherever, takes the same time however many wait, and allocates nothing for an
 * entry. The caller bounds the number.
 */
export class FairQueue<Entry extends Queued> {
  readonly #organizations = new Map<string, Organization>()
  #turn: Organization | null = null
  #size = 0

  get size(): number {
    return this.#size
  }

  /** Organizations of which somebody waits. */
  get organizations(): number {
    return this.#organizations.size
  }

  /** Entries of an organization for a purpose. */
  lengthOf(organization: string, purpose: object): number {
    return this.#organizations.get(organization)?.lines.get(purpose)?.length ?? 0
  }

  enter(entry: Entry, organization: string, purpose: object): void {
    const line = this.#lineOf(organization, purpose)
    entry.line = line
    entry.ahead = line.last
    entry.behind = null
    if (line.last === null) line.first = entry
    else line.last.behind = entry
    line.last = entry
    line.length++
    this.#size++
  }

  /** Does nothing for one that is not in the queue. */
  leave(entry: Entry): void {
    const { line, ahead, behind } = entry
    if (line === null) return
    if (ahead === null) line.first = behind
    else ahead.behind = behind
    if (behind === null) line.last = ahead
    else behind.ahead = ahead
    entry.line = entry.ahead = entry.behind = null
    this.#size--
    if (--line.length === 0) this.#close(line)
  }

  /**
   * Takes out the first of the line whose turn it is, or of the next line whose first fits; the turn goes on to the
   * next organization. Where nobody fits the turn stays.
   *
   * @param fits Must not change the queue.
   * @param patience Lines that are tried before it is given up for this time. The next time begins with the next
   *   organization, so that one with many lines that do not fit costs the others nothing but time.
   */
  take(fits: (entry: Entry) => boolean, patience: number): Entry | null {
    const start = this.#turn
    if (start === null) return null
    let organization = start
    let tries = patience
    do {
      const from = organization.turn!
      let line = from
      do {
        // A queue holds only what was entered into it.
        const entry = line.first as Entry
        if (fits(entry)) {
          organization.turn = line.next
          this.#turn = organization.next
          this.leave(entry)
          return entry
        }
        line = line.next
        if (--tries === 0) {
          organization.turn = line
          this.#turn = organization.next
          return null
        }
      } while (line !== from)
      organization = organization.next
    } while (organization !== start)
    return null
  }

  /** The last entry of the longest line with this purpose, if that has more than `length` entries; it stays. */
  lastOfLongest(purpose: object, length: number): Entry | null {
    let longest: Line | null = null
    for (const { lines } of this.#organizations.values()) {
      const line = lines.get(purpose)
      if (line !== undefined && line.length > (longest?.length ?? length)) longest = line
    }
    return (longest?.last ?? null) as Entry | null
  }

  #lineOf(name: string, purpose: object): Line {
    let organization = this.#organizations.get(name)
    if (organization === undefined) {
      organization = new Organization(name)
      this.#organizations.set(name, organization)
      this.#turn = insert(organization, this.#turn)
    }
    let line = organization.lines.get(purpose)
    if (line === undefined) {
      line = new Line(organization, purpose)
      organization.lines.set(purpose, line)
      organization.turn = insert(line, organization.turn)
    }
    return line
  }

  #close(line: Line): void {
    const { organization } = line
    organization.lines.delete(line.purpose)
    organization.turn = remove(line, organization.turn!)
    if (organization.turn !== null) return
    this.#organizations.delete(organization.name)
    this.#turn = remove(organization, this.#turn!)
  }
}

interface Ringed<Node> {
  next: Node
  previous: Node
}

/** Puts a node behind all others of its ring: before the one whose turn it is. Returns whose turn it is then. */
function insert<Node extends Ringed<Node>>(node: Node, turn: Node | null): Node {
  if (turn === null) return node
  node.next = turn
  node.previous = turn.previous
  turn.previous.next = node
  turn.previous = node
  return turn
}

/** Takes a node out of its ring. Returns whose turn it is then; null when it was the only one. */
function remove<Node extends Ringed<Node>>(node: Node, turn: Node): Node | null {
  if (node.next === node) return null
  node.previous.next = node.next
  node.next.previous = node.previous
  return turn === node ? node.next : turn
}
