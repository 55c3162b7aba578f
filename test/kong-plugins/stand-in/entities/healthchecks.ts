import { type Field, named } from '../field.ts'
import { typedefs } from '../typedefs.ts'

const { text, flag } = typedefs

const number = (value: number, max: number): Field => ({ type: 'integer', default: value, between: [0, max] })
const period: Field = { type: 'number', default: 0, between: [0, 65535] }
const statuses = (list: number[]): Field => ({
  type: 'array',
  elements: { type: 'integer', between: [100, 999] },
  default: list,
})
/** One that cannot be null; its default is that of its fields. */
const record = (fields: Record<string, Field>): Field => ({
  type: 'record',
  required: true,
  fields: named(fields),
  default: Object.fromEntries(
    Object.entries(fields).flatMap(([name, field]) =>
      field.default === undefined ? [] : [[name, field.default]],
    ),
  ),
})
const checkType = text({ one_of: ['tcp', 'http', 'https', 'grpc', 'grpcs'], default: 'http' })
/** How an upstream finds out which of its targets are well. */
export const healthchecks = record({
  active: record({
    type: checkType,
    timeout: { ...period, default: 1 },
    concurrency: { type: 'integer', default: 10, between: [1, 2 ** 31] },
    http_path: { ...typedefs.path, default: '/' },
    https_sni: typedefs.sni,
    https_verify_certificate: flag(true),
    headers: { type: 'map', keys: typedefs.headerName, values: { type: 'array', elements: text() } },
    healthy: record({ interval: period, http_statuses: statuses([200, 302]), successes: number(0, 255) }),
    unhealthy: record({
      interval: period,
      http_statuses: statuses([429, 404, 500, 501, 502, 503, 504, 505]),
      tcp_failures: number(0, 255),
      timeouts: number(0, 255),
      http_failures: number(0, 255),
    }),
  }),
  passive: record({
    type: checkType,
    healthy: record({
      http_statuses: statuses([
        200, 201, 202, 203, 204, 205, 206, 207, 208, 226, 300, 301, 302, 303, 304, 305, 306, 307, 308,
      ]),
      successes: number(0, 255),
    }),
    unhealthy: record({
      http_statuses: statuses([429, 500, 503]),
      tcp_failures: number(0, 255),
      timeouts: number(0, 255),
      http_failures: number(0, 255),
    }),
  }),
  threshold: { type: 'number', default: 0, between: [0, 100] },
})
