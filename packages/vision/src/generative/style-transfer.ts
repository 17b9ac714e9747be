import { adam, type Optimizer, record, tf } from '@espalier/core'
import { checkOptions, describe, describeNumber, EspalierError, type NdArray, ndArray } from '@espalier/data'
import type { Body } from '../body.js'
import { mobilenetV2 } from '../models/mobilenet-v2.js'
import type { Arch } from '../models/vision-model.js'
import { type StyleLossOptions, styleLoss } from './style-loss.js'

/** How long a picture is painted, and what with. */
export interface StyleTransferOptions extends Omit<StyleLossOptions, 'normalized'> {
  /** The network that looks at the pictures. Default MobileNetV2, or a body, which is given back at the end. */
  readonly net?: Arch | Body
  /** Steps of the optimizer. Default 200. */
  readonly steps?: number
  /** How far a pixel moves in a step, of 1. Default 0.02. */
  readonly lr?: number
  /** Hears of every step. */
  readonly onStep?: (step: { readonly step: number; readonly loss: number }) => void
}

/** A painted picture, and how the loss fell. */
export interface StyledPicture {
  /** Bytes `[h, w, 3]`: see `saveImage`. */
  readonly image: NdArray<'uint8'>
  /** Before each step, and at the end. */
  readonly losses: readonly number[]
}

/**
 * Paints a picture in the style of another one, by moving its pixels until a network sees the content of the first and
 * the style of the second (Gatys et al. 2015). For many pictures in one style train a `transformNet`.
 *
 * @example
 * const { image } = await styleTransfer(photo, painting, { steps: 100 })
 * await saveImage('painted.png', image)
 */
export async function styleTransfer(
  content: NdArray<'uint8'>,
  style: NdArray<'uint8'>,
  options: StyleTransferOptions = {},
): Promise<StyledPicture> {
  const known = ['net', 'steps', 'lr', 'onStep', 'layers', 'weights', 'contentWeight', 'styleWeight']
  checkOptions('styleTransfer', options, [...known, 'smoothWeight'])
  const { net = mobilenetV2, steps = 200, lr = 0.02, onStep, ...rest } = options
  checkSteps(content, steps, lr)
  using loss = await styleLoss(style, net, { ...rest, normalized: false })
  const shape = [1, ...content.shape] as [number, number, number, number]
  const target = tf.tidy(() => tf.div<tf.Tensor4D>(tf.tensor4d(Float32Array.from(content.data), shape), 255))
  const picture = tf.variable(target)
  using opt = adam({ eps: 1e-8, wd: 0 })([[picture]], lr)
  try {
    const losses: number[] = []
    for (let step = 0; step < steps; step++) {
      losses.push(paint(picture, opt, () => loss(picture, target)))
      onStep?.({ step, loss: losses.at(-1)! })
      await turn()
    }
    losses.push(tf.tidy(() => loss(picture, target).dataSync()[0]!))
    const bytes = Uint8Array.from(picture.dataSync(), (v) => Math.round(255 * v))
    return { image: ndArray('uint8', content.shape, bytes, 'image'), losses }
  } finally {
    tf.dispose([picture, target])
  }
}

/** One step; colours stay between 0 and 1. Gives the loss before it. */
function paint(picture: tf.Variable, opt: Optimizer, lossOf: () => tf.Tensor): number {
  return tf.tidy(() => {
    const { result, tape } = record(lossOf)
    using walked = tape
    const [gradient] = walked.backward(result, [picture])
    opt.step(new Map([[picture, gradient!]]))
    picture.assign(tf.clipByValue(picture, 0, 1))
    return result.dataSync()[0]!
  })
}

/** Lets others take their turn. */
function turn(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0))
}

function checkSteps(content: NdArray<'uint8'>, steps: number, lr: number): void {
  const invalid = (problem: string, fix: string) =>
    new EspalierError('style/option', `styleTransfer: ${problem}`, { fix })
  if (content?.shape?.length !== 3 || content.shape[2] !== 3) {
    throw invalid(`the picture is ${describe(content)}`, 'give the pixels [h, w, 3] of a picture')
  }
  if (!Number.isInteger(steps) || steps < 1)
    throw invalid(`steps cannot be ${describeNumber(steps)}`, 'say 200')
  if (!(lr > 0 && lr < 1)) throw invalid(`lr cannot be ${describeNumber(lr)}`, 'say 0.02')
}
