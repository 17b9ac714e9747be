import { type AnyModule, inChannels, Module, Sequential, type tf } from '@espalier/core'
import { describe, describeNumber, EspalierError } from '@espalier/data'
import type { ImageStats } from '../augment/normalize.js'
import { type Body, createBody } from '../body.js'
import { checkArch } from '../models/check-arch.js'
import { metaOf } from '../models/model-meta.js'
import type { Arch } from '../models/vision-model.js'
import { orDispose } from '../or-dispose.js'
import { encoderParts, planUnet } from '../unet/plan-unet.js'
import type { WeightsLike } from '../weights.js'

/** Which features are looked at, and what the network begins with. */
export interface FeatureNetOptions {
  /**
   * The numbers of the parts of the body whose features count, or how many of the last parts before the picture gets
   * smaller. Default 3.
   */
  readonly layers?: number | readonly number[]
  /** Where the weights come from. Default: what is known of the architecture. */
  readonly weights?: WeightsLike
}

/**
 * A network that is only looked through: frozen, in evaluation mode, and cut behind the last part that counts.
 * `[b, h, w, 3]` → the features of each of its layers, first ones first.
 */
export class FeatureNet extends Module<[tf.Tensor4D], readonly tf.Tensor4D[]> {
  readonly body: Sequential<[tf.Tensor4D], tf.Tensor4D>

  constructor(
    parts: readonly AnyModule[],
    /** The numbers of the parts whose features count. */
    readonly layers: readonly number[],
    /** What it wants pictures to be normalized with. */
    readonly stats: ImageStats | undefined,
  ) {
    super()
    this.body = new Sequential(parts.slice(0, Math.max(...layers) + 1))
    this.eval()
  }

  forward(pictures: tf.Tensor4D): readonly tf.Tensor4D[] {
    const found: tf.Tensor4D[] = []
    let x = pictures
    for (const [i, part] of this.body.layers.entries()) {
      x = part.forward(x as never) as tf.Tensor4D
      if (this.layers.includes(i)) found.push(x)
    }
    return found
  }

  /** It never trains. */
  override train(): this {
    return super.train(false)
  }
}

/**
 * A {@link FeatureNet} on the body of an architecture with its pretrained weights, or on a body you made, which it takes
 * over: what lies behind the last layer is given back.
 */
export async function featureNet(
  from: Arch | Body,
  { layers = 3, weights }: FeatureNetOptions = {},
): Promise<FeatureNet> {
  if (!(from instanceof Module)) checkArch(from)
  const own = from instanceof Module
  const body = own ? from : await createBody(from, { ...(weights !== undefined && { weights }) })
  const { stats } = metaOf(own ? undefined : from)
  return orDispose(body, () => {
    const parts = encoderParts(body)
    const net = new FeatureNet(parts, layersOf(body, parts.length, layers), stats)
    for (const part of parts.slice(net.body.layers.length)) part[Symbol.dispose]()
    return net
  })
}

/** A size at which the picture gets visibly smaller wherever a body makes it so. */
const seen = [96, 96] as const

function layersOf(body: Body, n: number, layers: number | readonly number[]): readonly number[] {
  if (typeof layers !== 'number') return checkedLayers(layers, n)
  if (!Number.isInteger(layers) || layers < 1) {
    throw invalid(`layers cannot be ${describeNumber(layers)}`, 'say layers: 3, or the numbers of the parts')
  }
  const deepest = planUnet(body, inChannels(body), seen).skips.map(({ part }) => part)
  if (deepest.length >= layers) return deepest.slice(0, layers).reverse()
  throw invalid(
    `the body makes pictures smaller ${deepest.length} times after its first part, fewer than ${layers}`,
    `say which parts count: layers: [0, …, ${n - 1}]`,
  )
}

function checkedLayers(layers: readonly number[], n: number): readonly number[] {
  if (!Array.isArray(layers) || layers.length === 0) {
    throw invalid(
      `layers must be the numbers of parts, got ${describe(layers)}`,
      'say layers: 3, or layers: [3, 6]',
    )
  }
  const wrong = layers.find((i, k) => !Number.isInteger(i) || i < 0 || i >= n || i <= (layers[k - 1] ?? -1))
  if (wrong === undefined) return [...layers]
  throw invalid(
    `layers [${layers}] are not parts of the body in order: ${describeNumber(wrong)}`,
    `its parts are 0 … ${n - 1}, each can be named once, the first ones first`,
  )
}

function invalid(problem: string, fix: string): EspalierError {
  return new EspalierError('features/layers', `the feature net: ${problem}`, { fix })
}
