import { type AnyModule, hookOutputs, type Interpretation, type Learner, Module, tf } from '@espalier/core'
import { EspalierError, listed, pick } from '@espalier/data'
import { DynamicUnet } from '../unet/dynamic-unet.js'
import { encoderParts } from '../unet/plan-unet.js'
import type { ClassMaps } from './class-maps.js'
import { classMapsOf, type MapOptions, scoreGradient, type Weighing } from './look-inside.js'

/** Which classes are looked for, in which picture and at which layer. */
export interface GradCamOptions extends MapOptions {
  /**
   * The layer that is looked at: a module of the model or its path, such as `0.4`. Early layers give finer maps.
   * Default: the last one that gives a feature map, of a U-Net the end of the encoder.
   */
  readonly layer?: AnyModule | string
}

/**
 * Where in a picture a model sees a class, from the gradient of the class's score (Selvaraju et al. 2017, Grad-CAM): each
 * channel of a layer weighs as much as its gradient on average, and what is below 0 does not count. It works with any
 * model and at any layer of it.
 *
 * @example
 * const maps = await gradCam(learn, 'cat-and-dog.jpg', { classes: ['cat', 'dog'] })
 * await maps.plot().save('why.png')
 */
export async function gradCam(
  learn: Learner,
  item: unknown,
  options: GradCamOptions = {},
): Promise<ClassMaps> {
  const [maps] = await gradCams(learn, learn.dls.testDl([item]), options)
  return maps!
}

/**
 * The items with the largest losses, each with what made the model say what it said: the Grad-CAM of the class that it
 * predicted, or of those asked for. A list takes ranks, as in `plotTopLosses`.
 */
export async function topLossMaps(
  interp: Interpretation,
  k: number | Iterable<number> = 9,
  options: GradCamOptions = {},
): Promise<ClassMaps[]> {
  const { learn, dl } = interp
  const all = interp.topLosses()
  const chosen = typeof k === 'number' ? all.slice(0, k) : Array.from(k, (rank) => all[rank])
  const indices = chosen.flatMap((item) => (item ? [item.index] : []))
  if (indices.length === 0 || indices.length < chosen.length) {
    throw new EspalierError('interpret/rank', 'there is no loss of some of these ranks', {
      fix: `ranks are 0 … ${all.length - 1}: [0, 1, 2] are the three largest losses`,
    })
  }
  const bs = Math.min(indices.length, dl.options.bs)
  const picked = dl.with({ bs, shuffle: false, dropLast: false, split: 1 }, pick(dl.dataset, indices))
  return gradCams(learn, picked, options)
}

const byGradient: Weighing = {
  relu: true,
  weigh(run, classes) {
    const { inside, gradient } = scoreGradient(run, classes)
    return { inside, weights: tf.mean(gradient, [1, 2]) }
  },
}

function gradCams(learn: Learner, dl: Parameters<typeof classMapsOf>[1], options: GradCamOptions) {
  const { layer, ...rest } = options
  const layerOf = (model: AnyModule, run: () => unknown, inputs: number) =>
    layer === undefined ? lastFeatures(model, run, inputs) : layerOfModel(model, layer)
  return classMapsOf(learn, dl, layerOf, byGradient, rest)
}

function layerOfModel(model: AnyModule, layer: AnyModule | string): AnyModule {
  const all = [...model.modules()]
  const found = all.find(([path, m]) => m === layer || path === layer)?.[1]
  if (found) return found
  const paths = all.map(([path]) => path).filter((path) => path && path.split('.').length <= 2)
  const what = layer instanceof Module ? `a ${layer.kind}` : `'${layer}'`
  throw new EspalierError('cam/layer', `${what} is no layer of this model`, {
    fix: `give a module of learn.model, or its path: ${listed(paths)}`,
  })
}

/** The last module that gives a feature map larger than a single place, and runs once for each input. */
function lastFeatures(model: AnyModule, run: () => unknown, inputs: number): AnyModule {
  if (model instanceof DynamicUnet) return encoderParts(model.encoder).at(-1)!
  const modules = [...new Set(model.all())].filter((m) => m !== model)
  const times = new Map<AnyModule, number>()
  let order: AnyModule[] = []
  const output = (() => {
    using _hooks = hookOutputs(modules, (given, m) => {
      times.set(m, (times.get(m) ?? 0) + 1)
      if (!(given instanceof tf.Tensor) || given.rank !== 4) return
      const [, h = 1, w = 1] = given.shape
      if (h * w > 1) order = [...order.filter((other) => other !== m), m]
    })
    return run()
  })()
  const found = order.findLast((m) => times.get(m) === inputs || times.get(m) === 1)
  if (found && output instanceof tf.Tensor) return found
  throw new EspalierError(
    'cam/layer',
    'no layer of this model gives a map of features for pictures of this size',
    {
      fix: 'use larger pictures, or an earlier layer: layer: learn.model.layers[0].layers[5]',
    },
  )
}
