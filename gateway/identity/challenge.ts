/**
 * Value of `www-authenticate` for bearer tokens (RFC 6750, section 3).
 *
 * @param attributes Names and values after the realm, in order.
 * @throws RangeError When a value cannot stand in a header: this is for values known at load.
 */
export function bearerChallenge(realm: string, attributes: Readonly<Record<string, string>> = {}): string {
  const pairs = Object.entries({ realm, ...attributes })
  return `Bearer ${pairs.map(([name, value]) => `${name}=${quoted(name, value)}`).join(', ')}`
}

/** A quoted-string (RFC 9110, section 5.6.4), kept to printable ASCII. */
function quoted(name: string, value: string): string {
  if (!/^[\x20-\x7e]*$/.test(value))
    throw new RangeError(`the ${name} ${JSON.stringify(value)} may only have printable ASCII characters`)
  return `"${value.replaceAll(/["\\]/g, '\\$&')}"`
}
