import {
  type AnyModule,
  convLayer,
  inChannels,
  MergeLayer,
  Module,
  pixelShuffleIcnr,
  ReLU,
  ResBlock,
  Sequential,
  SigmoidRange,
  type tf,
} from '@espalier/core'
import { describe, describeNumber, EspalierError } from '@espalier/data'
import type { Body } from '../body.js'
import type { BodyAndHead } from '../models/model-meta.js'
import { encoderParts, planUnet, type UnetPlan } from './plan-unet.js'
import { ResizeToOrig } from './resize-to-orig.js'
import { type DecoderOptions, fastaiNorm, initialized, UnetBlock } from './unet-block.js'

/** fastai's options of a `DynamicUnet`. */
export interface UnetOptions extends DecoderOptions {
  /** Averages neighbouring pixels wherever features grow. Default false. */
  readonly blur?: boolean
  /** With `blur`: also in the last block. Default true. */
  readonly blurFinal?: boolean
  /** Self-attention in the third block from the end. Default false. */
  readonly selfAttention?: boolean
  /** Squeezes the output into a range. */
  readonly yRange?: readonly [low: number, high: number]
  /** Looks at the picture itself once more before the last layer. Default true. */
  readonly lastCross?: boolean
  /** With `lastCross`: halves the channels there. Default false. */
  readonly bottle?: boolean
}

/** The names of these options; the compiler sees to it that none is left out. */
export const unetOptionNames: { readonly [name in keyof Required<UnetOptions>]: true } = {
  act: true,
  init: true,
  normType: true,
  blur: true,
  blurFinal: true,
  selfAttention: true,
  yRange: true,
  lastCross: true,
  bottle: true,
}

/**
 * A U-Net over any encoder (Ronneberger et al. 2015; fastai's `DynamicUnet`): `[b, h, w, nIn]` → `[b, h, w, nOut]`, for
 * pictures of any size. The decoder is made for what the encoder gives: it reads the last features at each size. The
 * size that it is made for decides no more than how often it goes up.
 *
 * Its layers are named as in fastai: `layers.0` is the encoder.
 *
 * @example
 * const encoder = await createBody(resnet34)
 * const unet = new DynamicUnet(encoder, 12, [360, 480], { selfAttention: true })
 */
export class DynamicUnet extends Module<[tf.Tensor4D], tf.Tensor4D> {
  readonly layers: Sequential
  readonly plan: UnetPlan

  /** `from` is the size `[height, width]` of the pictures, or the plan of another U-Net over the same encoder. */
  constructor(
    encoder: Body,
    nOut: number,
    from: readonly [height: number, width: number] | UnetPlan,
    options: UnetOptions = {},
  ) {
    super()
    checkDecoder(options)
    if (!Number.isInteger(nOut) || nOut < 1) {
      throw new EspalierError(
        'model/n-out',
        `a U-Net needs at least one output, got ${describeNumber(nOut)}`,
        {
          fix: 'it is the number of classes of a pixel',
        },
      )
    }
    this.plan = isPlan(from) ? from : planUnet(encoder, nInOf(encoder), from)
    this.layers = new Sequential([encoder, ...decoderOf(this.plan, nOut, options)], 'ModuleList')
  }

  /** What makes the features. */
  get encoder(): Body {
    return this.layers.layers[0] as Body
  }

  /** All that comes after the encoder: the last group of parameters. */
  get decoder(): readonly AnyModule[] {
    return this.layers.layers.slice(1)
  }

  /** Encoder and decoder as the two parts of a grafted model, for the splitters of architectures. */
  bodyAndHead(): BodyAndHead {
    return new Sequential([this.encoder, new Sequential(this.decoder)])
  }

  forward(x: tf.Tensor4D): tf.Tensor4D {
    const { features, skips } = this.encode(x)
    let [y, block] = [features, 0]
    for (const layer of this.decoder) {
      if (layer instanceof UnetBlock) y = layer.forward(y, skips[block++]!)
      else if (layer instanceof ResizeToOrig || layer instanceof MergeLayer) y = layer.forward(y, x)
      else y = layer.forward(y as never) as tf.Tensor4D
    }
    return y
  }

  /** The encoder's features, and those on the way that the blocks read, the deepest first. */
  encode(x: tf.Tensor4D): { readonly features: tf.Tensor4D; readonly skips: readonly tf.Tensor4D[] } {
    const made: tf.Tensor4D[] = []
    for (const part of encoderParts(this.encoder))
      made.push(part.forward((made.at(-1) ?? x) as never) as tf.Tensor4D)
    return { features: made.at(-1) ?? x, skips: this.plan.skips.map(({ part }) => made[part]!) }
  }
}

/** Throws where an option of the decoder is of the wrong kind. */
function checkDecoder({ yRange, act }: UnetOptions): void {
  if (act !== undefined && typeof act !== 'function') {
    throw new EspalierError(
      'unet/act',
      `act makes activations: it must be a function, got ${describe(act)}`,
      {
        fix: 'say act: () => new ReLU()',
      },
    )
  }
  if (yRange !== undefined && !(Array.isArray(yRange) && yRange.length === 2 && yRange[0] < yRange[1])) {
    throw new EspalierError('unet/y-range', `yRange must be [low, high], got ${describe(yRange)}`, {
      fix: 'say yRange: [0, 1]',
    })
  }
}

function isPlan(from: object): from is UnetPlan {
  return typeof from === 'object' && from !== null && 'skips' in from
}

/** How many channels an encoder takes; of what is none, planning says what is wrong. */
function nInOf(encoder: AnyModule): number {
  return encoderParts(encoder).length > 0 ? inChannels(encoder) : 1
}

/** The layers after the encoder, named 1, 2, … */
function decoderOf(plan: UnetPlan, nOut: number, options: UnetOptions): AnyModule[] {
  const { blur = false, blurFinal = true, selfAttention = false } = options
  const { lastCross = true, bottle = false, yRange } = options
  const { act, init, normType = null } = options
  const shared = { ...(act && { act }), normType }
  let n = plan.nFeatures
  const begin = { ...(init !== undefined && { init }), normType }
  const middle = initialized(
    () => new Sequential([convLayer(n, 2 * n, shared), convLayer(2 * n, n, shared)]),
    begin,
  )
  const layers: AnyModule[] = [fastaiNorm(n), new ReLU(), middle]
  for (const [i, { channels }] of plan.skips.entries()) {
    const finalDiv = i < plan.skips.length - 1
    const block = new UnetBlock(n, channels, {
      ...shared,
      ...begin,
      finalDiv,
      blur: blur && (finalDiv || blurFinal),
      selfAttention: selfAttention && i === plan.skips.length - 3,
    })
    layers.push(block)
    n = block.nOut
  }
  if (plan.shrinksAtOnce) layers.push(pixelShuffleIcnr(n, n, shared))
  layers.push(new ResizeToOrig())
  if (lastCross) {
    layers.push(new MergeLayer(true))
    n += plan.nIn
    const narrow = bottle ? Math.floor(n / 2) : n
    const wide = n
    layers.push(initialized(() => new ResBlock(1, wide, narrow, shared), begin))
    n = narrow
  }
  layers.push(convLayer(n, nOut, { ks: 1, act: null, normType }))
  if (yRange) layers.push(new SigmoidRange(...yRange))
  return layers
}
