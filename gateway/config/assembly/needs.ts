import type { Gpu, Needs, Offers } from '../../constraints/needs.ts'

type WrittenGpu = { readonly model: string | null; readonly count: number } | boolean | null

interface WithGpu {
  readonly gpu: WrittenGpu
}

/** Needs or preferences with `gpu: true` and `gpu: false` in their one form. */
export function completeNeeds<Written extends WithGpu & Omit<Needs, 'gpu'>>(written: Written): Needs {
  const { arch, memory, labels } = written
  return { gpu: gpuOf(written.gpu), arch, memory, labels }
}

/** The same for offers. */
export function completeOffers<Written extends WithGpu & Omit<Offers, 'gpu'>>(written: Written): Offers {
  const { arch, memory, labels } = written
  return { gpu: gpuOf(written.gpu), arch, memory, labels }
}

function gpuOf(written: WrittenGpu): Gpu | null {
  if (typeof written === 'boolean') return written ? { model: null, count: 1 } : null
  return written
}
