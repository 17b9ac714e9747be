import type { NdArray } from '@espalier/data'
import { cropPixels } from './crop.js'
import type { ImageStep } from './geometry.js'
import { type Filter, resizePixels } from './resample.js'
import { turnPixels } from './turn.js'

/** Does the steps one after the other on pixels `[h, w, c]`; the bytes are Pillow's. */
export async function applySteps(
  pixels: NdArray<'uint8'>,
  steps: readonly ImageStep[],
  filter: Filter,
): Promise<NdArray<'uint8'>> {
  let result = pixels
  for (const step of steps) {
    if (step.do === 'crop') result = cropPixels(result, step.rect, step.padMode)
    else if (step.do === 'resize') result = await resizePixels(result, step.size, step.filter ?? filter)
    else result = turnPixels(result, step.turn)
  }
  return result
}
