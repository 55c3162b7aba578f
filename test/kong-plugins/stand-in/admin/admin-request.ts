import { fromForm } from '../dao.ts'
import type { Fields, Json } from '../field.ts'
import type { Kind } from '../kind.ts'
import { isRecord } from '../validate.ts'

/** A request to the Admin API, its body read. */
export interface AdminRequest {
  readonly method: string
  /** Parts of the path, percent-encoding undone. */
  readonly segments: readonly string[]
  readonly query: URLSearchParams
  readonly body: Json
  /** Whether the values of the body are texts whose types have to be guessed. */
  readonly form: boolean
}

export interface AdminAnswer {
  readonly status: number
  readonly body: Json
}

/** The fields that a request gives for an entity. */
export function given(kind: Kind, { body, form }: AdminRequest): Fields {
  const fields = isRecord(body) ? body : {}
  return form ? fromForm(kind, fields) : fields
}
