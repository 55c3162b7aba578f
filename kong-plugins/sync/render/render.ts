import { stringify } from 'yaml'
import { declarativeConfig } from '../declarative.ts'
import { type DesiredEntity, type DesiredState, KINDS } from '../entities.ts'
import { ownerTag, tagsOf } from '../ownership.ts'
import { type ReferredSecret, referSecrets } from './secret-references.ts'

/** What reads the rendering. */
export type RenderFormat =
  /** A Kong without a database, as its `declarative_config`. */
  | 'kong'
  /** decK, which then looks at nothing but what has our tag. */
  | 'deck'
  /** Kubernetes: a ConfigMap with `kong.yml` in it; a Secret, when secrets are in it. */
  | 'configmap'

export interface RenderOptions {
  readonly format: RenderFormat
  /** Secrets are written as they are, not referred to. */
  readonly withSecrets: boolean
  /** Of the ConfigMap or Secret. */
  readonly name: string
}

export interface Rendering {
  /** YAML; the same for the same state, down to the byte. */
  readonly text: string
  /** Secrets that have to be given to who reads it, in the order of the text. */
  readonly referred: readonly ReferredSecret[]
}

/** What Kong should hold, as declarative configuration of format 3.0. */
export function render(state: DesiredState, { format, withSecrets, name }: RenderOptions): Rendering {
  const referred: ReferredSecret[] = []
  const whole = inOrder(state).map((entity) => {
    const { kind, id } = entity
    const fields = withSecrets
      ? entity.fields
      : referSecrets(entity, format === 'deck' ? 'deck' : 'vault', referred)
    // No generation of ours is as old as this one: a gateway that keeps that Kong in step takes over.
    const tags = tagsOf(state.owner, entity, 0, kind === 'services' ? state.digest : null)
    return { kind, body: { id, ...fields, tags } }
  })
  const { _format_version, ...parts } = declarativeConfig(whole)
  const info = format === 'deck' ? { _info: { select_tags: [ownerTag(state.owner)] } } : {}
  const ordered = KINDS.filter((kind) => kind in parts).map((kind) => [kind, parts[kind]!])
  const config = yaml({ _format_version, ...info, ...Object.fromEntries(ordered) })
  return { text: format === 'configmap' ? manifest(name, config, withSecrets) : config, referred }
}

/** By kind and name, so that the order in the configuration does not matter. */
function inOrder({ entities }: DesiredState): DesiredEntity[] {
  const rank = ({ kind }: DesiredEntity) => KINDS.indexOf(kind)
  return entities.toSorted((a, b) => rank(a) - rank(b) || (a.name < b.name ? -1 : 1))
}

function manifest(name: string, config: string, secret: boolean): string {
  const head = { apiVersion: 'v1', kind: secret ? 'Secret' : 'ConfigMap', metadata: { name } }
  return yaml({ ...head, [secret ? 'stringData' : 'data']: { 'kong.yml': config } })
}

/** Long lines stay whole, and nothing is an alias: not every reader knows them. */
function yaml(value: unknown): string {
  return stringify(value, { lineWidth: 0, aliasDuplicateObjects: false })
}
