import { describe, EspalierError, type NdArray, ndArray } from '@espalier/data'

/** How wide the strip between two pictures is, in pixels. */
const gap = 10

/** Two pictures `[h, w, c]` of one height beside each other, with a strip of zeros between them. */
export function sideBySide(left: NdArray<'uint8'>, right: NdArray<'uint8'>): NdArray<'uint8'> {
  const [h, w, c] = left.shape as [number, number, number]
  const [h2, w2, c2] = right.shape as [number, number, number]
  if (h !== h2 || c !== c2) {
    throw new EspalierError(
      'siamese/sizes',
      `pictures side by side must be of one height, got ${describe(left)} and ${describe(right)}`,
      { fix: 'bring both to one size: itemTfms: [resize(224)]' },
    )
  }
  const width = w + gap + w2
  const data = new Uint8Array(h * width * c)
  for (let y = 0; y < h; y++) {
    data.set(left.data.subarray(y * w * c, (y + 1) * w * c), y * width * c)
    data.set(right.data.subarray(y * w2 * c, (y + 1) * w2 * c), (y * width + w + gap) * c)
  }
  return ndArray('uint8', [h, width, c], data, 'image')
}
