import { byOrder, type DataLoaders, type NdArray, ndArray, type Place } from '@espalier/data'

/** Predictions of a kind, such as pictures, with the batch transforms undone that targets of that kind went through. */
export function undoneAs(
  { train }: DataLoaders<readonly NdArray[], unknown, unknown>,
  { dtype, shape, data }: NdArray,
  kind: string | undefined,
  { split }: Place,
): NdArray {
  const transforms = byOrder(train.options.batchTfms).filter(
    (t) => t.splitIdx === undefined || t.splitIdx === split,
  )
  const asTarget = ndArray(dtype, shape, data, kind)
  const [undone] = transforms.reduceRight<readonly NdArray[]>((a, t) => t.decodeHost?.(a) ?? a, [asTarget])
  return undone!
}
