import type * as tf from '../engine/tf.js'
import { pixelShuffle } from '../kernels/pixel-shuffle.js'
import { Module } from './module.js'

/** Turns groups of r² channels into r × r pixels: `[b, h, w, c·r²]` → `[b, h·r, w·r, c]`. */
export class PixelShuffle extends Module<[tf.Tensor4D], tf.Tensor4D> {
  constructor(readonly scale = 2) {
    super()
  }

  forward(x: tf.Tensor4D): tf.Tensor4D {
    return pixelShuffle(x, this.scale)
  }

  override describe(): string {
    return `upscale_factor=${this.scale}`
  }
}
