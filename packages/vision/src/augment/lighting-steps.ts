import { tf } from '@espalier/core'
import { checkOptions, type Json } from '@espalier/data'
import { checkNumber } from '../image/size-option.js'
import type { Draws } from '../image/windows.js'
import { checkGiven, type Given, givenOr, givenToJson } from './given.js'
import { grayscale } from './grayscale.js'
import { shiftHue } from './hsv.js'

/** A random change of light or colour. */
export interface LightingStep {
  readonly name: string
  /**
   * What the change is made on. On `logit`s, 0 is mid grey, and no change leads out of the range; all steps on them
   * share one pass. A step on `colour`s is given numbers from 0 to 1, after those.
   */
  readonly acts: 'logit' | 'colour'
  /** The change that changes nothing. */
  readonly neutral: number
  /** The change of one image. */
  draw(draws: Draws): number
  /** Values `[b, h, w, c]`, changes of the images. */
  apply(values: tf.Tensor4D, changes: readonly number[]): tf.Tensor4D
  toJSON(): { readonly [key: string]: Json }
}

/** How much and how often light changes. */
export interface LightingOptions {
  /** How strong a change may be, from 0 to 1. Default 0.2. */
  readonly maxLighting?: number
  /** Probability of a change. Default 0.75. */
  readonly p?: number
  /** In place of the random change: what mid grey becomes, or by what light and colours are multiplied. */
  readonly draw?: Given
}

/** Makes mid grey something else, between 0.5 · (1 ± `maxLighting`). */
export function brightness(options: LightingOptions = {}): LightingStep {
  return lightingStep('brightness', options, {
    neutral: 0.5,
    usual: (draws, most) => draws.uniform(0.5 * (1 - most), 0.5 * (1 + most)),
    apply: (logits, changes) => tf.add(logits, perImage(changes.map((c) => Math.log(c / (1 - c))))),
  })
}

/** Stretches or squeezes the light, by up to 1 / (1 − `maxLighting`). */
export function contrast(options: LightingOptions = {}): LightingStep {
  return lightingStep('contrast', options, {
    neutral: 1,
    usual: drawFactor,
    apply: (logits, changes) => tf.mul(logits, perImage(changes)),
  })
}

/** Makes colours stronger or greyer, by up to 1 / (1 − `maxLighting`). Pictures of one channel have none. */
export function saturation(options: LightingOptions = {}): LightingStep {
  return lightingStep('saturation', options, {
    neutral: 1,
    usual: drawFactor,
    apply(logits, changes) {
      if (logits.shape[3] === 1) return logits
      const kept = perImage(changes)
      return tf.add(tf.mul(logits, kept), tf.mul(grayscale(logits), tf.sub(1, kept)))
    },
  })
}

/** How much and how often hues change. */
export interface HueOptions {
  /** How far hues may go, as a part of the circle, from 0 to 1. Default 0.1. */
  readonly maxHue?: number
  /** Probability of a change. Default 0.75. */
  readonly p?: number
  /** In place of the random change: a part of the circle. */
  readonly draw?: Given
}

/** Moves all hues on by the same part of the circle (fastai's `Hue`). Pictures of one channel have none. */
export function hue(options: HueOptions = {}): LightingStep {
  checkOptions('hue', options, ['maxHue', 'p', 'draw'])
  const { maxHue = 0.1, p = 0.75, draw } = options
  checkNumber('hue', 'maxHue', maxHue, [0, 1])
  checkNumber('hue', 'p', p, [0, 1])
  checkGiven('hue', 'draw', draw)
  return {
    name: 'hue',
    acts: 'colour',
    neutral: 0,
    draw: (draws) => (draws.uniform() < p ? givenOr(draw, draws, () => drawFactor(draws, maxHue)) : 0),
    apply: (images, changes) => (images.shape[3] === 1 ? images : shiftHue(images, changes)),
    toJSON: () => ({ name: 'hue', maxHue, p, ...givenToJson({ draw }) }),
  }
}

interface OnLogits extends Pick<LightingStep, 'neutral' | 'apply'> {
  /** What is drawn where nothing is given. */
  usual(draws: Draws, maxLighting: number): number
}

function lightingStep(
  name: string,
  options: LightingOptions,
  { neutral, usual, apply }: OnLogits,
): LightingStep {
  checkOptions(name, options, ['maxLighting', 'p', 'draw'])
  const { maxLighting = 0.2, p = 0.75, draw } = options
  checkNumber(name, 'maxLighting', maxLighting, [0, 1])
  checkNumber(name, 'p', p, [0, 1])
  checkGiven(name, 'draw', draw)
  return {
    name,
    acts: 'logit',
    neutral,
    draw: (draws) => (draws.uniform() < p ? givenOr(draw, draws, () => usual(draws, maxLighting)) : neutral),
    apply,
    toJSON: () => ({ name, maxLighting, p, ...givenToJson({ draw }) }),
  }
}

function drawFactor(draws: Draws, most: number): number {
  const log = Math.log(Math.max(1 - most, 1e-7))
  return Math.exp(draws.uniform(log, -log))
}

/** One number for each image, to be combined with all of its pixels. */
function perImage(changes: readonly number[]): tf.Tensor4D {
  return tf.tensor4d([...changes], [changes.length, 1, 1, 1])
}
