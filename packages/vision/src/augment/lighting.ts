import { type TensorTransform, tensorTransform, tf } from '@espalier/core'
import { drawsPerImage, streamsOf } from './draws.js'
import type { LightingStep } from './lighting-steps.js'

/**
 * Random light on training images, all of it between one logit and one sigmoid (fastai's composed `LightingTfm`,
 * order 40). Images are numbers from 0 to 1.
 *
 * @example
 * lighting([brightness({ maxLighting: 0.4 }), saturation()])
 */
export function lighting(
  steps: readonly LightingStep[],
  { batch = false }: { readonly batch?: boolean } = {},
): TensorTransform {
  const streams = streamsOf(steps)
  return tensorTransform({
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
  if (acting.length === 0) return images
  const inside = tf.clipByValue(images, 1e-7, 1 - 1e-7)
  const logits = tf.log(tf.div(inside, tf.sub(1, inside))) as tf.Tensor4D
  const changed = acting.reduce<tf.Tensor4D>(
    (x, { step, change }) => step.apply(x, tf.tensor4d([...change], [change.length, 1, 1, 1])),
    logits,
  )
  return tf.sigmoid(changed)
}
