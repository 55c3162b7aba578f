import { type Fields, fieldsOf, textOf, textsOf } from './fields.ts'

/** Names of the labels that the last order set, so that the next can take them away. */
const OUR_LABELS = 'dispatch-edge/labels'

/**
 * The metadata of an object to be: the labels that are ordered, with those that others set. Holds the version of the
 * object that it was made of.
 */
export function metadataFor(
  name: string,
  namespace: string,
  labels: Readonly<Record<string, string>>,
  existing: unknown,
): Fields {
  const metadata = fieldsOf(withoutStatus(existing)['metadata'])
  const annotations = textsOf(metadata['annotations'])
  const ours = new Set((textOf(annotations[OUR_LABELS]) ?? '').split(','))
  const theirs = Object.entries(textsOf(metadata['labels'])).filter(([label]) => !ours.has(label))
  return {
    ...metadata,
    name,
    namespace,
    labels: { ...Object.fromEntries(theirs), ...labels },
    annotations: { ...annotations, [OUR_LABELS]: Object.keys(labels).join(',') },
  }
}

/** Whether an order of ours made or changed it. */
export function isOurs(object: unknown): boolean {
  const metadata = fieldsOf(fieldsOf(object)['metadata'])
  return textsOf(metadata['annotations'])[OUR_LABELS] !== undefined
}

/** What only the platform writes is not sent back to it. */
export function withoutStatus(object: unknown): Fields {
  const { status, metadata, ...rest } = fieldsOf(object)
  const { managedFields, ...ours } = fieldsOf(metadata)
  return { ...rest, metadata: ours }
}
