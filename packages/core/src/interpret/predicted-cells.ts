import {
  type Batch,
  type Cell,
  type DataLoaders,
  type NdArray,
  ndArray,
  row,
  type Transform,
} from '@espalier/data'
import { undoneAs } from './undone-as.js'

/** The decoded predictions of a batch made visible, each as the block of the target shows what is true. */
export function predictedCells(
  dls: DataLoaders<readonly NdArray[], unknown, unknown>,
  { arrays, nInp, place }: Batch,
  decoded: NdArray,
): Cell[] {
  const kind = arrays[nInp]?.kind
  const undone = undoneAs(dls, decoded, kind, place)
  const shower = dls.datasets.pipelines[nInp]?.transforms.findLast(isShower)
  return Array.from({ length: decoded.shape[0]! }, (_, i) => {
    const one = row(undone, i)
    if (shower) return shower.show(one)
    if (kind === 'image' || kind === 'mask')
      return { pixels: ndArray('uint8', one.shape, Uint8Array.from(one.data), kind) }
    return { text: numbersOf(one) }
  })
}

type Shower = Transform & { show(element: NdArray): Cell }

function isShower(t: Transform): t is Shower {
  return 'show' in t && typeof t.show === 'function'
}

/** The first few numbers, to four digits. */
function numbersOf({ data }: NdArray): string {
  return Array.from(data.subarray(0, 8), (v) => String(Number(v.toPrecision(4)))).join(', ')
}
