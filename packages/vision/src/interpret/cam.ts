import {
  AdaptiveAvgPool2d,
  AdaptiveConcatPool2d,
  type AnyModule,
  BatchNorm,
  Dropout,
  Flatten,
  Identity,
  type Learner,
  Linear,
  Sequential,
  SigmoidRange,
  tf,
} from '@espalier/core'
import { EspalierError } from '@espalier/data'
import type { ClassMaps } from './class-maps.js'
import { classMapsOf, type MapOptions } from './look-inside.js'

/**
 * Where in a picture a model sees a class (Zhou et al. 2016, the class activation map of the book): the features at the
 * end of the body, each channel weighing as much as the head's linear layer makes of its mean. Where the head pools by
 * mean alone, the mean of the map is the score of the class, but for a constant; where it pools by maximum and mean
 * side by side, the map shows the half that comes from the mean.
 *
 * The head must be linear after its pooling, as `visionLearner(dls, arch, { linFtrs: [] })` makes it: for others there
 * is {@link gradCam}.
 *
 * @example
 * const maps = await cam(learn, 'cat.jpg')
 * await maps.plot().save('cat-map.png')
 */
export async function cam(learn: Learner, item: unknown, options: MapOptions = {}): Promise<ClassMaps> {
  const { body, pool, rest } = partsOf(learn.model)
  const [maps] = await classMapsOf(
    learn,
    learn.dls.testDl([item]),
    () => body,
    {
      relu: false,
      weigh(run, classes) {
        const inside = run()
        const c = inside.features.shape[3]
        const all = slopes(rest, pool instanceof AdaptiveConcatPool2d ? 2 * c : c)
        const ofMean = tf.slice(all, [all.shape[0] - c, 0], [c, -1]) // The maximum is the first half.
        const weights = tf.gather(tf.transpose(ofMean), tf.tensor1d([...classes], 'int32'))
        return { inside, weights: weights as tf.Tensor2D }
      },
    },
    options,
  )
  return maps!
}

/** The slope of an affine function of `[b, n]`, `[n, outputs]`: what it makes of each unit vector, less of nothing. */
function slopes(layers: readonly AnyModule[], n: number): tf.Tensor2D {
  const run = (x: tf.Tensor) => layers.reduce((y, layer) => layer.forward(y as never) as tf.Tensor, x)
  return tf.sub(run(tf.eye(n)), run(tf.zeros([1, n])))
}

/** Body, pooling and what is linear after it. */
function partsOf(model: AnyModule) {
  const [body, head, ...others] = model instanceof Sequential ? model.layers : []
  if (!body || !head || others.length > 0) throw notLinear('this model is no body with a head')
  const [pool, ...after] = flat(head)
  if (!(pool instanceof AdaptiveConcatPool2d || pool instanceof AdaptiveAvgPool2d)) {
    throw notLinear(`its head begins with ${pool?.kind ?? 'nothing'}, not by pooling`)
  }
  const rest = after.filter((m) => !(m instanceof SigmoidRange)) // Squeezes the score, which comes before it.
  const odd = rest.find((m) => !affine.some((kind) => m instanceof kind))
  if (odd) throw notLinear(`its head has a ${odd.kind} between pooling and output`)
  return { body, pool, rest }
}

const affine = [Flatten, BatchNorm, Dropout, Linear, Identity]

const flat = (m: AnyModule): AnyModule[] => (m instanceof Sequential ? m.layers.flatMap(flat) : [m])

function notLinear(why: string): EspalierError {
  return new EspalierError('cam/head', `a class activation map cannot be made: ${why}`, {
    fix: 'use gradCam, which works with any model, or a linear head: visionLearner(dls, arch, { linFtrs: [] })',
  })
}
