import { stringify } from 'yaml'
import type { Dao } from '../dao.ts'
import { type Fields, unpack } from '../field.ts'
import type { Kind } from '../kind.ts'
import type { Entity } from '../tables.ts'
import { isRecord } from '../validate.ts'
import { ORDER } from './order.ts'

/** Everything that Kong holds, as its own configuration. */
export function dump(dao: Dao): string {
  const config: Fields = { _transform: false, _format_version: '3.0' }
  for (const kind of ORDER) {
    const rows = dao.tables.all(kind)
    if (rows.length > 0) config[kind.name] = rows.map((row) => withPlainReferences(kind, row))
  }
  return stringify(config)
}

function withPlainReferences(kind: Kind, row: Entity): Fields {
  const plain: Fields = { ...row }
  for (const [name, field] of kind.fields.map(unpack))
    if (field.type === 'foreign' && isRecord(plain[name])) plain[name] = plain[name]['id']!
  return plain
}
