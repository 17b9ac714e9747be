import {
  type CategoryPrediction,
  EspalierError,
  type MultiCategoryPrediction,
  type NdArray,
  row,
} from '@espalier/data'
import type { Frame } from '../frame/frame.js'
import { type RowLearner, validRows } from './valid-rows.js'

/**
 * The validation rows about which the model is most wrong, each with target, prediction and loss beside its columns.
 *
 * @example
 * (await topLossRows(learn, 5)).show().toText()
 */
export async function topLossRows(learn: RowLearner, k = 9): Promise<Frame> {
  const rows = validRows(learn)
  const { dls } = rows
  const { preds, targets, losses, ids } = await learn.getPreds({ withLoss: true, withDecoded: false })
  const order = [...losses!.keys()].sort((a, b) => losses![b]! - losses![a]!).slice(0, k)
  const inputs = rows.arrays.slice(0, -1).map((a) => taken(a, order))
  const { target } = dls
  if (!target) throw new EspalierError('tabular/target', 'these loaders do not say how to read a prediction')
  const predicted = order.map((i) => textOfPrediction(target.read(Float32Array.from(row(preds, i).data))))
  return dls.rowsOf(inputs).assign({
    target: order.map((i) => textOfTarget(row(targets[0]!, i), target.vocab)),
    predicted,
    loss: order.map((i) => losses![i]!),
    id: order.map((i) => ids[i]!),
  })
}

function taken(array: NdArray, order: readonly number[]): NdArray {
  const parts = order.map((i) => row(array, i).data)
  const data = new (array.data.constructor as Float32ArrayConstructor)(
    parts.flatMap((p) => [...p] as number[]),
  )
  return { ...array, data, shape: [order.length, ...array.shape.slice(1)] } as NdArray
}

function textOfPrediction(read: unknown): string {
  if (typeof read === 'number') return String(Number(read.toPrecision(5)))
  if (Array.isArray(read)) return read.map(textOfPrediction).join(', ')
  const { label, labels, index, probabilities } = read as Partial<
    CategoryPrediction & MultiCategoryPrediction
  >
  return labels?.join(', ') ?? `${label} (${probabilities![index!]!.toFixed(3)})`
}

function textOfTarget({ data, dtype }: NdArray, vocab: readonly string[] | undefined): string {
  if (vocab && dtype === 'int32') return vocab[data[0]!] ?? ''
  if (vocab) return vocab.filter((_, i) => data[i] === 1).join(', ')
  return [...data].map((v) => String(Number(Number(v).toPrecision(5)))).join(', ')
}
