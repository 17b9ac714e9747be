import { type TensorTransform, tensorTransform, tf } from '@espalier/core'
import { checkOptions } from '@espalier/data'
import { drawsPerImage, streamsOf } from './draws.js'
import type { LightingStep } from './lighting-steps.js'

/** Whether the images of a batch share their light. */
export interface LightingBatchOptions {
  /** One draw for all images of a batch. Default false. */
  readonly batch?: boolean
}

/** A {@link lighting} and what it is made of. */
export interface LightingTransform extends TensorTransform {
  readonly steps: readonly LightingStep[]
  readonly options: LightingBatchOptions
}

/**
 * Random light on training images, all of it between one logit and one sigmoid, then what changes hues (fastai's
 * composed `LightingTfm`, order 40). Images are numbers from 0 to 1.
 *
 * @example
 * lighting([brightness({ maxLighting: 0.4 }), saturation(), hue()])
 */
export function lighting(
  steps: readonly LightingStep[],
  options: LightingBatchOptions = {},
): LightingTransform {
  checkOptions('lighting', options, ['batch'])
  const { batch = false } = options
  const streams = streamsOf(steps)
  const transform = tensorTransform({
    name: 'lighting',
    order: 40,
    splitIdx: 0,
    toJSON: () => ({ steps: steps.map((s) => s.toJSON()), batch }),
    encode: (tensors, info) =>
      tensors.map((t, i) => {
        if (info.kinds[i] !== 'image') return t
        const n = t.shape[0]!
        const changes = steps.map((step, k) =>
          drawsPerImage(n, info, streams[k]!, batch).map((d) => step.draw(d)),
        )
        return relight(t as tf.Tensor4D, steps, changes)
      }),
  })
  return { ...transform, steps, options }
}

/** Images `[b, h, w, c]` in changed light; `changes` has one list per step, one number per image. */
export function relight(
  images: tf.Tensor4D,
  steps: readonly LightingStep[],
  changes: readonly (readonly number[])[],
): tf.Tensor4D {
  const acting = steps
    .map((step, k) => ({ step, change: changes[k]! }))
    .filter(({ step, change }) => change.some((c) => c !== step.neutral))
  const run = (acts: LightingStep['acts'], values: tf.Tensor4D) =>
    acting
      .filter(({ step }) => step.acts === acts)
      .reduce<tf.Tensor4D>((x, { step, change }) => step.apply(x, change), values)
  const onLogits = acting.some(({ step }) => step.acts === 'logit')
  return run('colour', onLogits ? tf.sigmoid(run('logit', logitsOf(images))) : images)
}

function logitsOf(images: tf.Tensor4D): tf.Tensor4D {
  const inside = tf.clipByValue(images, 1e-7, 1 - 1e-7)
  return tf.log(tf.div<tf.Tensor4D>(inside, tf.sub(1, inside)))
}
