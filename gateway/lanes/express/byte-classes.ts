export const TAB = 0x09
export const LF = 0x0a
export const CR = 0x0d
export const SPACE = 0x20
export const QUOTE = 0x22
export const SEMICOLON = 0x3b
export const COLON = 0x3a
export const EQUALS = 0x3d
export const BACKSLASH = 0x5c

/** 1 for the bytes of a token (RFC 9110, 5.6.2). */
export const TOKEN = classOf("!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz")

/** 1 for the bytes of a field value (RFC 9110, 5.5): everything but control characters, the tab aside. */
export const VALUE = new Uint8Array(256).fill(1, 0x20)
VALUE[TAB] = 1
VALUE[0x7f] = 0

/** 1 for the bytes of a host with a port. What is a valid one is decided where all heads are read. */
export const HOST_BYTES = classOf('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.-_:[]')

export const TARGET_PLAIN = 1
export const TARGET_DOT = 2
export const TARGET_PERCENT = 3
/** What a byte of an origin-form target is; 0 ends or refuses it. */
export const TARGET = new Uint8Array(256).fill(TARGET_PLAIN, 0x21, 0x7f)
TARGET['#'.charCodeAt(0)] = 0
TARGET[BACKSLASH] = 0
TARGET['.'.charCodeAt(0)] = TARGET_DOT
TARGET['%'.charCodeAt(0)] = TARGET_PERCENT

const NO_DIGIT = 255
/** Value of a hexadecimal digit; above 15 for any other byte. */
export const HEX = new Uint8Array(256).fill(NO_DIGIT)
for (let digit = 0; digit < 16; digit++) {
  HEX[digit.toString(16).charCodeAt(0)] = digit
  HEX[digit.toString(16).toUpperCase().charCodeAt(0)] = digit
}

function classOf(members: string): Uint8Array {
  const table = new Uint8Array(256)
  for (const member of members) table[member.charCodeAt(0)] = 1
  return table
}
