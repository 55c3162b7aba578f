import type { WrittenForm } from '../../contract/option-types.ts'
import type { RuleName } from '../schema/fields.ts'
import { ADDRESS_EXPECTED, parseAddress } from './address.ts'
import { CIDR_EXPECTED, parseCidr } from './cidr.ts'
import { HASH_EXPECTED, parseHash, parseScope, SCOPE_EXPECTED } from './credential-forms.ts'
import { expectedDuration, parseDuration } from './duration.ts'
import type { Form, FormSchema } from './form.ts'
import { HEADER_NAME_EXPECTED, parseHeaderName } from './header-name.ts'
import { AUTHORITY_EXPECTED, HOST_EXPECTED, parseAuthority, parseHostPattern } from './host-pattern.ts'
import { MOMENT_EXPECTED, parseMoment } from './moment.ts'
import { PATH_EXPECTED, parsePathPattern } from './path-pattern.ts'
import { expectedSize, parseSize } from './size.ts'
import { expectedUrl, parseUrl } from './url.ts'
import { parseZoneName, ZONE_EXPECTED } from './zone.ts'

interface FormEntry {
  readonly parse: Form
  /** What the form looks like, for people. */
  readonly expected: (schema: FormSchema) => string
}

/** Forms that are one text and need nothing but the text. */
export const FORMS: Readonly<
  Record<Exclude<WrittenForm | RuleName, 'secret' | 'text' | 'path' | 'word'>, FormEntry>
> = {
  duration: { parse: parseDuration, expected: expectedDuration },
  size: { parse: parseSize, expected: expectedSize },
  address: { parse: parseAddress, expected: () => ADDRESS_EXPECTED },
  url: { parse: parseUrl, expected: expectedUrl },
  cidr: { parse: parseCidr, expected: () => CIDR_EXPECTED },
  moment: { parse: parseMoment, expected: () => MOMENT_EXPECTED },
  'header-name': { parse: parseHeaderName, expected: () => HEADER_NAME_EXPECTED },
  'path-pattern': { parse: parsePathPattern, expected: () => PATH_EXPECTED },
  'host-pattern': { parse: parseHostPattern, expected: () => HOST_EXPECTED },
  authority: { parse: parseAuthority, expected: () => AUTHORITY_EXPECTED },
  hash: { parse: parseHash, expected: () => HASH_EXPECTED },
  scope: { parse: parseScope, expected: () => SCOPE_EXPECTED },
  zone: { parse: parseZoneName, expected: () => ZONE_EXPECTED },
}
