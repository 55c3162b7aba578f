/** Host of a Host header or an absolute target: lower-case, without its port; null when it is not valid. */
export function parseHost(text: string): string | null {
  const known = recent.get(text)
  if (known !== undefined) return known
  const host = parse(text)
  if (host !== null) remember(text, host)
  return host
}

const NAME =
  /^([A-Za-z0-9_](?:[A-Za-z0-9_-]*[A-Za-z0-9_])?(?:\.[A-Za-z0-9_](?:[A-Za-z0-9_-]*[A-Za-z0-9_])?)*\.?)(?::(\d{1,5}))?$/
const IPV6 = /^\[([0-9A-Fa-f:.]{2,45})\](?::(\d{1,5}))?$/
const MAX_LENGTH = 255
const MAX_PORT = 65_535

function parse(text: string): string | null {
  if (text.length > MAX_LENGTH) return null
  const match =
    NAME.exec(text) ?? (text.startsWith('[') && URL.canParse(`http://${text}/`) ? IPV6.exec(text) : null)
  if (match === null) return null
  if (match[2] !== undefined && Number(match[2]) > MAX_PORT) return null
  const host = match[1]!.toLowerCase()
  return host.endsWith('.') ? host.slice(0, -1) : host
}

/** Hosts repeat: the last few are kept so that a request costs one look-up. Bounded by starting over. */
const recent = new Map<string, string>()
const MAX_RECENT = 1000

function remember(text: string, host: string): void {
  if (recent.size >= MAX_RECENT) recent.clear()
  recent.set(text, host)
}
