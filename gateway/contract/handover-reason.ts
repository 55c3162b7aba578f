/**
 * Why a connection left the express lane. Nothing of it is an error: the standard lane decides about what comes, and
 * serves the connection from then on. The list is a label of a metric and so must stay short.
 */
export const HANDOVER_REASONS = [
  /** No known method, or not the words of a request in one line with single spaces. */
  'request-line',
  /** Not in origin form, or with dot segments or escapes that servers read differently. */
  'target',
  /** Anything but HTTP/1.1. */
  'version',
  /** A field that is no token, colon, value and line end; folded lines, bare line ends, control characters. */
  'field',
  /** Not exactly one Host, or an odd one. */
  'host',
  /** More than one length or coding, or one that is not plain. */
  'framing',
  /** Options of the connection besides `keep-alive` and `close`. */
  'connection',
  'upgrade',
  'expect',
  /** A head that is large, has many fields or comes in many pieces. */
  'size',
] as const

export type HandoverReason = (typeof HANDOVER_REASONS)[number]
