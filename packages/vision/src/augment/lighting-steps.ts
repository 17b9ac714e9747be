import { tf } from '@espalier/core'
import type { Json } from '@espalier/data'
import type { Draws } from '../image/windows.js'

/** A random change of light, made on logits: 0 is mid grey, and no change leads out of the range. */
export interface LightingStep {
  readonly name: string
  /** The change that changes nothing. */
  readonly neutral: number
  /** The change of one image. */
  draw(draws: Draws): number
  /** Logits `[b, h, w, c]`, changes `[b, 1, 1, 1]`. */
  apply(logits: tf.Tensor4D, changes: tf.Tensor4D): tf.Tensor4D
  toJSON(): { readonly [key: string]: Json }
}

/** How much and how often light changes. */
export interface LightingOptions {
  /** How strong a change may be, from 0 to 1. Default 0.2. */
  readonly maxLighting?: number
  /** Probability of a change. Default 0.75. */
  readonly p?: number
}

/** Makes mid grey something else, between 0.5 · (1 ± `maxLighting`). */
export function brightness({ maxLighting = 0.2, p = 0.75 }: LightingOptions = {}): LightingStep {
  return {
    name: 'brightness',
    neutral: 0.5,
    draw: (draws) =>
      draws.uniform() < p ? draws.uniform(0.5 * (1 - maxLighting), 0.5 * (1 + maxLighting)) : 0.5,
    apply: (logits, changes) => tf.add(logits, tf.log(tf.div(changes, tf.sub(1, changes)))),
    toJSON: () => ({ name: 'brightness', maxLighting, p }),
  }
}

/** Stretches or squeezes the light, by up to 1 / (1 − `maxLighting`). */
export function contrast({ maxLighting = 0.2, p = 0.75 }: LightingOptions = {}): LightingStep {
  return {
    name: 'contrast',
    neutral: 1,
    draw: (draws) => drawFactor(draws, maxLighting, p),
    apply: (logits, changes) => tf.mul(logits, changes),
    toJSON: () => ({ name: 'contrast', maxLighting, p }),
  }
}

/** Makes colours stronger or greyer, by up to 1 / (1 − `maxLighting`). */
export function saturation({ maxLighting = 0.2, p = 0.75 }: LightingOptions = {}): LightingStep {
  return {
    name: 'saturation',
    neutral: 1,
    draw: (draws) => drawFactor(draws, maxLighting, p),
    apply: (logits, changes) => tf.add(tf.mul(logits, changes), tf.mul(grey(logits), tf.sub(1, changes))),
    toJSON: () => ({ name: 'saturation', maxLighting, p }),
  }
}

function drawFactor(draws: Draws, maxLighting: number, p: number): number {
  const log = Math.log(1 - maxLighting)
  return draws.uniform() < p ? Math.exp(draws.uniform(log, -log)) : 1
}

/** By the weights of ITU-R 601: `[b, h, w, 3]` → `[b, h, w, 1]`. */
function grey(images: tf.Tensor4D): tf.Tensor4D {
  return tf.sum(tf.mul(images, tf.tensor1d([0.2989, 0.587, 0.114])), 3, true)
}
