import type { Dao } from '../dao.ts'
import { KINDS } from '../kinds.ts'
import type { AdminAnswer, AdminRequest } from './admin-request.ts'

/** `/tags` and `/tags/{tag}`. */
export function answerAboutTags(dao: Dao, request: AdminRequest): AdminAnswer {
  const [, wanted] = request.segments
  const data = KINDS.flatMap((kind) =>
    dao.tables
      .all(kind)
      .flatMap((entity) =>
        ((entity['tags'] ?? []) as string[])
          .filter((tag) => wanted === undefined || tag === wanted)
          .map((tag) => ({ tag, entity_name: kind.name, entity_id: entity.id })),
      ),
  )
  return { status: 200, body: { data, next: null } }
}
