import {
  convLayer,
  Module,
  ResBlock,
  registerPart,
  Sequential,
  Sigmoid,
  type tf,
  Upsample,
  withoutInit,
  withSeed,
} from '@espalier/core'
import { describeNumber, EspalierError } from '@espalier/data'
import { type ImageStats, imagenetStats } from '../augment/normalize.js'
import { fromUnit } from './normalized-pictures.js'

/** Width and depth of a {@link transformNet}. */
export interface TransformNetOptions {
  /** Channels at full size; four times as many in the middle. Default 32. */
  readonly width?: number
  /** Blocks in the middle. Default 5. */
  readonly blocks?: number
  /** What its pictures are normalized with. Default {@link imagenetStats}; null for numbers from 0 to 1. */
  readonly stats?: ImageStats | null
  /** Fixes the weights. Default 42. */
  readonly seed?: number
}

/** Colours as numbers from 0 to 1, normalized as the data is. */
class AsPicture extends Module<[tf.Tensor4D], tf.Tensor4D> {
  readonly sigmoid = new Sigmoid()

  constructor(readonly stats: ImageStats | undefined) {
    super()
  }

  forward(x: tf.Tensor4D): tf.Tensor4D {
    return fromUnit(this.sigmoid.forward(x), this.stats)
  }
}

/**
 * A network that repaints pictures in one pass (Johnson et al. 2016): down to a quarter, residual blocks, and up again by
 * repeating pixels, which leaves no checkerboard; instance norms throughout. `[b, h, w, 3]` → `[b, h, w, 3]`, for sides
 * that divide by 4. Train it with a `styleLoss` or a `featureLoss`.
 */
export function transformNet(options: TransformNetOptions = {}): Sequential<[tf.Tensor4D], tf.Tensor4D> {
  const { width = 32, blocks = 5, stats = imagenetStats, seed = 42 } = options
  for (const [option, n] of Object.entries({ width, blocks })) {
    if (Number.isInteger(n) && n >= 1 && n <= 4096) continue
    throw new EspalierError('model/option', `transformNet: ${option} cannot be ${describeNumber(n)}`, {
      fix: 'say transformNet({ width: 32, blocks: 5 })',
    })
  }
  const normType = 'instance'
  const net = withSeed(
    seed,
    () =>
      new Sequential<[tf.Tensor4D], tf.Tensor4D>([
        convLayer(3, width, { ks: 9, normType }),
        convLayer(width, 2 * width, { stride: 2, normType }),
        convLayer(2 * width, 4 * width, { stride: 2, normType }),
        ...Array.from({ length: blocks }, () => new ResBlock(1, 4 * width, 4 * width, { normType })),
        new Upsample(2),
        convLayer(4 * width, 2 * width, { normType }),
        new Upsample(2),
        convLayer(2 * width, width, { normType }),
        convLayer(width, 3, { ks: 9, normType: null, act: null }),
        new AsPicture(stats ?? undefined),
      ]),
  )
  net.portable = { name, toJSON: () => ({ width, blocks, stats: stats && { ...stats } }) as never }
  return net
}

const name = 'transformNet'

/** Lets bundles name these networks. */
export function registerTransformNet(): void {
  registerPart('model', name, (options: TransformNetOptions) => withoutInit(() => transformNet(options)))
}
