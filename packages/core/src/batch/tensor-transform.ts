import type { Batch, BatchTransform, NdArray, Place } from '@espalier/data'
import { byOrder, EspalierError } from '@espalier/data'
import { useEngine } from '../engine/engine.js'
import { toArray, toTensor } from '../engine/tensors.js'
import * as tf from '../engine/tf.js'

/** What a batch transform is told besides the tensors. */
export interface BatchInfo {
  /** What each tensor means (`image`, `mask`, `category`, …). */
  readonly kinds: readonly (string | undefined)[]
  /** The samples' positions in their data set: with `place`, what their random draws depend on. */
  readonly indices: readonly number[]
  readonly place: Place
}

/** Height and width of pictures. */
export interface PlaneSize {
  readonly height: number
  readonly width: number
}

/** Where the results of a transform are read in what it is given. */
export interface Moves {
  /**
   * For each sample nine numbers, the rows of a matrix that maps places (x, y, 1) of the result to places of what is
   * given. Both are −1 at the left and upper edge and 1 at the others.
   */
  readonly matrices: readonly (readonly number[])[]
  /** Of the result. */
  readonly size: PlaneSize
}

/** A step on the tensors of a batch, run inside the training step: augmentation, normalization. */
export interface TensorTransform extends BatchTransform {
  /** Returns as many tensors; those of kinds it does not know unchanged. */
  encode(tensors: readonly tf.Tensor[], info: BatchInfo): readonly tf.Tensor[]
  decode?(tensors: readonly tf.Tensor[], info: BatchInfo): readonly tf.Tensor[]
  /**
   * What it does to the places of pictures, nothing where they stay: with it predictions in their plane are brought back,
   * as test-time augmentation of masks must.
   */
  moves?(info: BatchInfo, from: PlaneSize): Moves | undefined
  /** Sees one training batch before the first step, as the transforms before it left it. */
  setup?(tensors: readonly tf.Tensor[], info: BatchInfo): void
}

/** Makes a transform of its tensor form; the form on typed arrays runs it on the current engine. */
export function tensorTransform<T extends Omit<TensorTransform, 'host' | 'decodeHost' | 'prepare'>>(
  spec: T,
): T & TensorTransform {
  const onArrays =
    (run: TensorTransform['encode']) =>
    (arrays: readonly NdArray[], indices: readonly number[], place: Place) =>
      throughTensors(arrays, (tensors, kinds) => run(tensors, { kinds, indices, place }))
  const nowhere: Place = { seed: 0, epoch: 0, split: 1 }
  return {
    prepare: () => useEngine(),
    host: onArrays((tensors, info) => spec.encode(tensors, info)),
    decodeHost: (arrays) =>
      spec.decode ? onArrays((tensors, info) => spec.decode!(tensors, info))(arrays, [], nowhere) : arrays,
    ...spec,
  }
}

/** The tensors of a batch, transformed: what the model and the loss get. Call it inside a scope. */
export function batchTensors(batch: Batch, transforms: readonly BatchTransform[]): readonly tf.Tensor[] {
  const { arrays, indices, place } = batch
  const info = { kinds: arrays.map((a) => a.kind), indices, place }
  return runs(transforms, place).reduce<readonly tf.Tensor[]>(
    (tensors, t) => asTensorTransform(t).encode(tensors, info),
    arrays.map(toTensor),
  )
}

/** Lets the transforms that need it look at a training batch, each at what the ones before it made of it. */
export function setupTransforms(batch: Batch, transforms: readonly BatchTransform[]): void {
  const { arrays, indices, place } = batch
  const info = { kinds: arrays.map((a) => a.kind), indices, place }
  tf.tidy(() => {
    let tensors: readonly tf.Tensor[] = arrays.map(toTensor)
    for (const t of runs(transforms, place).map(asTensorTransform)) {
      t.setup?.(tensors, info)
      tensors = t.encode(tensors, info)
    }
  })
}

function runs(transforms: readonly BatchTransform[], place: Place): BatchTransform[] {
  return byOrder(transforms).filter((t) => t.splitIdx === undefined || t.splitIdx === place.split)
}

function asTensorTransform(t: BatchTransform): TensorTransform {
  if ('encode' in t) return t as TensorTransform
  throw new EspalierError('batch/transform', `the batch transform '${t.name}' has no tensor form`, {
    fix: 'make it with tensorTransform({ name, encode })',
  })
}

function throughTensors(
  arrays: readonly NdArray[],
  run: (tensors: readonly tf.Tensor[], kinds: readonly (string | undefined)[]) => readonly tf.Tensor[],
): readonly NdArray[] {
  const kinds = arrays.map((a) => a.kind)
  const results: NdArray[] = []
  tf.tidy(() => {
    for (const [i, t] of run(arrays.map(toTensor), kinds).entries()) results.push(toArray(t, kinds[i]))
  })
  return results
}
