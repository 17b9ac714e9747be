import type { BatchInfo } from '@espalier/core'
import { Random } from '@espalier/data'

/**
 * The draws of each image of a batch for one purpose: they depend on seed, epoch and the image alone, never on the
 * batch it is in. With `batch` all images share those of the first.
 */
export function drawsPerImage(
  n: number,
  { place, indices }: BatchInfo,
  stream: string,
  batch: boolean,
): readonly Random[] {
  return Array.from(
    { length: n },
    (_, i) => new Random(place.seed, stream, place.epoch, indices[batch ? 0 : i] ?? i),
  )
}

/** A stream name for each step; a second step of one kind draws on its own. */
export function streamsOf(steps: readonly { readonly name: string }[]): readonly string[] {
  return steps.map(({ name }, k) => {
    const earlier = steps.slice(0, k).filter((s) => s.name === name).length
    return earlier === 0 ? name : `${name} ${earlier + 1}`
  })
}
