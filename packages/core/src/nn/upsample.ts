import { describe, describeNumber, EspalierError } from '@espalier/data'
import type * as tf from '../engine/tf.js'
import { resizeBilinear, resizeNearest } from '../kernels/resize.js'
import { pythonFloat } from './batch-norm.js'
import { Module } from './module.js'

/** How {@link Upsample} reads between the pixels. */
export interface UpsampleOptions {
  /** Default `nearest`: every pixel is repeated. */
  readonly mode?: 'nearest' | 'bilinear'
  /** With `bilinear`: whether corners stay on corners. Default false, as in torch. */
  readonly alignCorners?: boolean
}

/**
 * Makes feature maps larger without weights (torch's `Upsample`): `[b, h, w, c]` → `[b, ⌊h·scale⌋, ⌊w·scale⌋, c]`. With
 * convolutions between, it makes a head for masks out of a body's last features.
 *
 * @example
 * new Sequential([convLayer(512, 256), new Upsample(2), convLayer(256, 64), new Upsample(2)]) // 7 × 7 → 28 × 28
 */
export class Upsample extends Module<[tf.Tensor4D], tf.Tensor4D> {
  readonly mode: 'nearest' | 'bilinear'
  readonly alignCorners: boolean

  constructor(
    readonly scale = 2,
    { mode = 'nearest', alignCorners = false }: UpsampleOptions = {},
  ) {
    super()
    if (!(scale > 0 && scale < Number.POSITIVE_INFINITY)) {
      throw invalid(`the scale must be a number above 0, got ${describeNumber(scale)}`, 'say new Upsample(2)')
    }
    if (mode !== 'nearest' && mode !== 'bilinear') {
      throw invalid(`there is no mode ${describe(mode)}`, "say 'nearest' or 'bilinear'")
    }
    this.mode = mode
    this.alignCorners = alignCorners
  }

  forward(x: tf.Tensor4D): tf.Tensor4D {
    const { scale, mode, alignCorners } = this
    const [, h, w] = x.shape
    const size = [Math.floor(h * scale), Math.floor(w * scale)] as const
    return mode === 'nearest' ? resizeNearest(x, size) : resizeBilinear(x, size, { alignCorners })
  }

  override describe(): string {
    return `scale_factor=${pythonFloat(this.scale)}, mode='${this.mode}'`
  }
}

function invalid(problem: string, fix: string): EspalierError {
  return new EspalierError('nn/upsample', `Upsample: ${problem}`, { fix })
}
