import type { Cell } from '../blocks/block.js'
import { describe } from '../describe.js'
import { isNdArray, type NdArray } from '../nd-array.js'
import type { Pipeline } from '../transform/pipeline.js'

/** An element of a sample made visible: by the pipeline that made it, or as what it is. */
export function cellOf(pipeline: Pipeline | undefined, element: unknown): Cell {
  const shown = pipeline?.shown(element)
  if (shown) return shown
  if (!isNdArray(element)) return { text: typeof element === 'string' ? element : describe(element) }
  if (element.kind === 'image' || element.kind === 'mask') return { pixels: element as NdArray<'uint8'> }
  const numbers = Array.from(element.data.subarray(0, 8), (v) => String(Number(v.toPrecision(6))))
  return { text: `${numbers.join(', ')}${element.data.length > 8 ? ', …' : ''}` }
}
