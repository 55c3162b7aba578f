/**
 * Fields of one connection and of its framing, in requests and in answers (RFC 9110, 7.6.1; RFC 9112, 6.1): nobody passes
 * them on. Lower-case. Some fields are such only in one direction: who deals with that direction adds them.
 */
export const CONNECTION_FIELDS: readonly string[] = [
  'connection',
  'keep-alive',
  'proxy-connection',
  'proxy-authenticate',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]
