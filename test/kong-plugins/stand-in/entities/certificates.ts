import { createPrivateKey, X509Certificate } from 'node:crypto'
import { type Fields, named } from '../field.ts'
import type { Kind } from '../kind.ts'
import { timed, typedefs } from '../typedefs.ts'

const { id, tags, reference, text } = typedefs

export const certificates: Kind = {
  name: 'certificates',
  endpointKey: null,
  fields: named({
    id,
    ...timed,
    cert: { ...typedefs.certificate, required: true, referenceable: true },
    key: { ...typedefs.key, required: true, referenceable: true, encrypted: true },
    cert_alt: { ...typedefs.certificate, referenceable: true },
    key_alt: { ...typedefs.key, referenceable: true, encrypted: true },
    tags,
    // They are checked one by one when they are made.
    snis: { type: 'array', elements: text(), transient: true },
  }),
  entity_checks: [
    { mutually_required: ['cert_alt', 'key_alt'] },
    {
      custom_entity_check: {
        field_sources: ['cert', 'key'],
        check: (entity: Fields) =>
          new X509Certificate(entity['cert'] as string).checkPrivateKey(
            createPrivateKey(entity['key'] as string),
          )
            ? undefined
            : 'certificate does not match key',
      },
    },
  ],
}

export const snis: Kind = {
  name: 'snis',
  endpointKey: 'name',
  fields: named({
    id,
    name: { ...typedefs.wildcardHost, required: true, unique: true },
    ...timed,
    tags,
    certificate: reference('certificates', { required: true }),
  }),
  entity_checks: [],
}

export const caCertificates: Kind = {
  name: 'ca_certificates',
  endpointKey: null,
  fields: named({
    id,
    ...timed,
    cert: { ...typedefs.certificate, required: true },
    cert_digest: text({ unique: true }),
    tags,
  }),
  entity_checks: [
    {
      custom_entity_check: {
        field_sources: ['cert'],
        check: (entity: Fields) => {
          const certificate = new X509Certificate(entity['cert'] as string)
          if (certificate.validToDate.getTime() < Date.now())
            return 'certificate expired, "Not After" time is in the past'
          return certificate.ca
            ? undefined
            : 'certificate does not appear to be a CA because it is missing the "CA" basic constraint'
        },
      },
    },
  ],
}
