import { type HeaderList, shorten } from '../../gateway/contract/headers.ts'

/** Removes every field that `isRemoved` says so of, in one pass. Names are lower-case. */
export function removeFields(
  { flat }: HeaderList,
  isRemoved: (name: string, value: string) => boolean,
): void {
  let kept = 0
  for (let i = 0; i < flat.length; i += 2) {
    const name = flat[i]!
    const value = flat[i + 1]!
    if (isRemoved(name, value)) continue
    flat[kept] = name
    flat[kept + 1] = value
    kept += 2
  }
  shorten(flat, kept)
}
