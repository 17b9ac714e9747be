import type * as tf from '../engine/tf.js'
import { BatchNorm } from './batch-norm.js'
import { Dropout } from './dropout.js'
import { Linear } from './linear.js'
import type { AnyModule } from './module.js'
import { Sequential } from './sequential.js'

/** fastai's options of `LinBnDrop`. */
export interface LinBnDropOptions {
  readonly bn?: boolean
  /** Dropout probability; 0 leaves the layer out. */
  readonly p?: number
  readonly act?: AnyModule | undefined
  /** Linear and activation first, then norm and dropout. */
  readonly linFirst?: boolean
}

/** The layers of {@link linBnDrop}, for a flat sequence. */
export function linBnDropLayers(nIn: number, nOut: number, options: LinBnDropOptions = {}): AnyModule[] {
  const { bn = true, p = 0, act, linFirst = false } = options
  const before: AnyModule[] = bn
    ? [new BatchNorm(linFirst ? nOut : nIn, { ndim: 1, initial: { bias: 1e-3 } })]
    : []
  if (p !== 0) before.push(new Dropout(p))
  const linear: AnyModule[] = [new Linear(nIn, nOut, { bias: !bn })]
  if (act) linear.push(act)
  return linFirst ? [...linear, ...before] : [...before, ...linear]
}

/** Batch norm, dropout, linear and activation as one layer (fastai's `LinBnDrop`): `[b, nIn]` → `[b, nOut]`. */
export function linBnDrop(
  nIn: number,
  nOut: number,
  options: LinBnDropOptions = {},
): Sequential<[tf.Tensor2D], tf.Tensor2D> {
  return new Sequential(linBnDropLayers(nIn, nOut, options), 'LinBnDrop')
}
