import { type Batch, type BatchTransform, byOrder, DataLoader, type NdArray } from '@espalier/data'
import type { PlaneSize, TensorTransform } from '../batch/tensor-transform.js'
import { toArray, toTensor } from '../engine/tensors.js'
import * as tf from '../engine/tf.js'
import { affineGrid, perspectiveGrid } from '../kernels/affine-grid.js'
import { gridSample } from '../kernels/grid-sample.js'

/**
 * A loader whose samples are prepared as for validation, its batches as for training: what batch transforms do to a
 * picture can be undone, of a crop before them nothing is known.
 */
export class AlteredBatches<A extends readonly NdArray[]> extends DataLoader<A> {
  override async *batches(epoch = 0, from = 0): AsyncGenerator<Batch<A>> {
    for await (const batch of super.batches(epoch, from)) {
      yield { ...batch, place: { ...batch.place, split: 0 } }
    }
  }
}

/**
 * Predictions in the plane of altered pictures, brought back to where they are in the pictures as validation sees them:
 * `[b, h', w', c]` → `[b, h, w, c + 1]`. The last channel is 1 where the altered picture shows a place and 0 where not.
 */
export function broughtBack(
  preds: NdArray,
  [height, width]: readonly [number, number],
  batch: Batch,
  transforms: readonly BatchTransform[],
): NdArray {
  const altered = readBy(batch, transforms, 0)
  const usual = readBy(batch, transforms, 1)
  const back = altered.map((m, i) => multiply(inverse(m), usual[i]!))
  const results: NdArray[] = []
  tf.tidy(() => {
    const planes = toTensor(preds) as tf.Tensor4D
    const n = planes.shape[0]
    const coefficients = back.map((m) => m.slice(0, 8).map((v) => v / m[8]!))
    const still = Array.from({ length: n }, () => [
      [1, 0, 0],
      [0, 1, 0],
    ])
    const places = perspectiveGrid(
      affineGrid(tf.tensor3d(still), [height, width]),
      tf.tensor2d(coefficients, [n, 8]),
    )
    const values = gridSample(planes, places, { padding: 'border' })
    const shown = tf.cast(tf.lessEqual(tf.max(tf.abs(places), 3, true), 1), 'float32')
    results.push(toArray(tf.concat([values, shown as tf.Tensor4D], 3)))
  })
  return results[0]!
}

type Matrix = readonly number[]

/** Where each sample's result is read in its picture, by all of the transforms of a split together. */
function readBy(
  { arrays, indices, place }: Batch,
  transforms: readonly BatchTransform[],
  split: number,
): readonly Matrix[] {
  const picture = arrays.find(({ kind }) => kind === 'image') ?? arrays[0]!
  let size: PlaneSize = { height: picture.shape[1]!, width: picture.shape[2]! }
  let total: readonly Matrix[] = indices.map(() => [1, 0, 0, 0, 1, 0, 0, 0, 1])
  const info = { kinds: arrays.map((a) => a.kind), indices, place: { ...place, split } }
  for (const t of byOrder(transforms) as readonly Partial<TensorTransform>[]) {
    if (t.splitIdx !== undefined && t.splitIdx !== split) continue
    const moves = t.moves?.(info, size)
    if (!moves) continue
    total = total.map((m, i) => multiply(m, moves.matrices[i]!))
    size = moves.size
  }
  return total
}

/** By `b` first, by `a` then. */
function multiply(a: Matrix, b: Matrix): Matrix {
  return Array.from({ length: 9 }, (_, i) => {
    const [row, column] = [3 * Math.floor(i / 3), i % 3]
    return a[row]! * b[column]! + a[row + 1]! * b[column + 3]! + a[row + 2]! * b[column + 6]!
  })
}

/** The way back, up to a factor, which places do not show. */
function inverse(m: Matrix): Matrix {
  const [a, b, c, d, e, f, g, h, k] = m as [
    ...[number, number, number],
    ...[number, number, number],
    ...[number, number, number],
  ]
  return [
    ...[e * k - f * h, c * h - b * k, b * f - c * e],
    ...[f * g - d * k, a * k - c * g, c * d - a * f],
    ...[d * h - e * g, b * g - a * h, a * e - b * d],
  ]
}
