/** Octets that the reader of answers looks for. */
export const TAB = 0x09
export const LF = 0x0a
export const CR = 0x0d
export const SPACE = 0x20
export const QUOTE = 0x22
export const COLON = 0x3a
export const SEMICOLON = 0x3b
export const EQUALS = 0x3d
export const BACKSLASH = 0x5c

/** The lower-case form of an octet that a token may have (RFC 9110, 5.6.2), 0 for any other. */
export const TOKEN = new Uint8Array(256)
for (const octet of Buffer.from("!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyz")) TOKEN[octet] = octet
for (let octet = 0x41; octet <= 0x5a; octet++) TOKEN[octet] = octet + 0x20

/** 1 for an octet that a field value or a reason phrase may have (RFC 9110, 5.5): no control besides the tab. */
export const TEXT = new Uint8Array(256)
for (let octet = SPACE; octet <= 0xff; octet++) TEXT[octet] = octet === 0x7f ? 0 : 1
TEXT[TAB] = 1

/** Value of a hexadecimal digit plus one, 0 for any other octet. */
export const HEX = new Uint8Array(256)
for (let value = 0; value < 16; value++) {
  const digit = value.toString(16)
  HEX[digit.charCodeAt(0)] = value + 1
  HEX[digit.toUpperCase().charCodeAt(0)] = value + 1
}
