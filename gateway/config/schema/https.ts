import { Type } from 'typebox'
import { Address, Maybe, Secret, Text } from '../../contract/option-types.ts'
import { Line, Names } from './fields.ts'

const ClientCertificate = Type.Object(
  {
    ca: Text({ description: 'PEM of the authorities that sign certificates of proxies.' }),
    subjects: Names(
      Line({ description: 'A common name, or a DNS name or URI in `subjectAltName`, as it stands there.' }),
      {
        minItems: 1,
        description: 'Whose certificates are taken. Others of the same authorities are refused.',
      },
    ),
  },
  {
    description:
      'Certificate that whoever connects has to show: for a listener that only proxies such as Kong reach. Its holders count among `trustedProxies`, whatever their address. Connections without one are closed.',
  },
)

/** The listener for HTTPS. */
export const Https = Type.Object(
  {
    address: Address({
      default: '127.0.0.1:8443',
      description:
        'Where HTTPS is served. Only this machine by default, so that nothing is published by accident.',
    }),
    certificate: Maybe(
      Text({
        description:
          'PEM chain, the own certificate first. Left out together with `key`, a development certificate is made on first start; that is allowed on loopback addresses only.',
      }),
    ),
    key: Maybe(Secret({ description: 'PEM of the private key of the certificate, not encrypted.' })),
    clientCertificate: Maybe(ClientCertificate),
  },
  { description: 'HTTPS listener. Without this group there is none.' },
)
