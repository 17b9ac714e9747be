import { type AnyModule, holdModes, Sequential, tf } from '@espalier/core'
import { describeNumber, EspalierError } from '@espalier/data'

/** Where a U-Net's decoder reads what its encoder made, and how many channels there are. */
export interface UnetPlan {
  /** Channels of the pictures. */
  readonly nIn: number
  /** Channels at the end of the encoder. */
  readonly nFeatures: number
  /** The parts of the encoder that are the last ones at their size, the deepest first, with their channels. */
  readonly skips: readonly { readonly part: number; readonly channels: number }[]
  /** Whether the first part already makes the picture smaller: the decoder then goes up once more. */
  readonly shrinksAtOnce: boolean
}

/**
 * The parts of an encoder, one after the other. A body that is a sequence in a sequence, as those of networks with all
 * their layers under `features`, is as good as the inner one.
 */
export function encoderParts(encoder: AnyModule): readonly AnyModule[] {
  if (!(encoder instanceof Sequential)) {
    throw new EspalierError('unet/encoder', `the encoder of a U-Net is a sequence, got a ${encoder.kind}`, {
      fix: 'make it with createBody, or put its parts into a Sequential: each reads what the one before it gives',
    })
  }
  const [only, ...others] = encoder.layers
  return only instanceof Sequential && others.length === 0 ? encoderParts(only) : encoder.layers
}

type Size = readonly [height: number, width: number]
type MapSize = readonly [height: number, width: number, channels: number]

/** The shape `[h, w, c]` that each part of an encoder gives for a picture of a size. */
function encoderSizes(
  encoder: AnyModule,
  nIn: number,
  [height, width]: readonly [number, number],
): readonly MapSize[] {
  using _modes = holdModes(encoder)
  const sizes: MapSize[] = []
  encoder.eval()
  tf.tidy(() => {
    let x: tf.Tensor = tf.zeros([1, height, width, nIn])
    for (const [i, part] of encoderParts(encoder).entries()) {
      x = runPart(part, x, i, [height, width])
      sizes.push(x.shape.slice(1) as [number, number, number])
    }
  })
  return sizes
}

function runPart(part: AnyModule, x: tf.Tensor, i: number, [h, w]: readonly [number, number]): tf.Tensor {
  const y = mayBeTooSmall(
    () => part.forward(x as never) as tf.Tensor,
    `pictures of ${h}×${w} do not get through part ${i} (${part.kind}) of the encoder`,
  )
  if (y.rank === 4) return y
  throw new EspalierError(
    'unet/encoder',
    `part ${i} (${part.kind}) of the encoder gives [${y.shape}], which is no feature map [b, h, w, c]`,
    { fix: 'cut the body before it pools and flattens: createBody(arch, { cut: -2 })' },
  )
}

function mayBeTooSmall<T>(run: () => T, problem: string): T {
  try {
    return run()
  } catch (error) {
    if (!(error instanceof EspalierError) || error.code !== 'shape') throw error
    throw new EspalierError('unet/img-size', `${problem}: ${error.message.split('\n')[0]}`, {
      fix: 'use larger pictures, or cut the body earlier',
      cause: error,
    })
  }
}

/**
 * Plans a U-Net over an encoder by running a blank picture through it once (fastai hooks the last layer at each width;
 * so is it here, without hooks).
 */
export function planUnet(encoder: AnyModule, nIn: number, imgSize: readonly [number, number]): UnetPlan {
  const sizes = encoderSizes(encoder, nIn, checkedSize(imgSize))
  checkLargeEnough(encoder, nIn, imgSize, sizes)
  const [first, last] = [sizes[0], sizes.at(-1)]
  if (!first || !last) {
    throw new EspalierError('unet/encoder', 'the encoder of a U-Net has no parts', {
      fix: 'make it with createBody',
    })
  }
  const skips = sizes.flatMap(([, width, channels], part) =>
    part + 1 < sizes.length && sizes[part + 1]![1] !== width ? [{ part, channels }] : [],
  )
  if (skips.length === 0) {
    throw new EspalierError(
      'unet/encoder',
      'the encoder of a U-Net has no part that makes features smaller after the first: there is nothing to read on the way up',
      { fix: 'cut the body later, or take another: createBody(resnet34) goes down five times' },
    )
  }
  return {
    nIn,
    nFeatures: last[2],
    skips: skips.reverse(),
    shrinksAtOnce: first[0] !== imgSize[0] || first[1] !== imgSize[1],
  }
}

/**
 * Throws for pictures that are down to one pixel before the last part that shrinks: what comes after it has nothing
 * left to make smaller, and a decoder would be planned without it. From 32 pixels on that is taken as meant: the
 * deepest of the xresnets go down by 512.
 */
function checkLargeEnough(encoder: AnyModule, nIn: number, size: Size, sizes: readonly MapSize[]): void {
  const end = sizes.at(-1)
  if (!end || (end[0] > 1 && end[1] > 1) || Math.min(...size) >= 32) return
  let [most, enough] = [shrinks(size, sizes), size]
  for (let scale = 2; scale <= 64; scale *= 2) {
    const larger = size.map((n, axis) => (end[axis] === 1 ? scale * n : n)) as [number, number]
    const maps = encoderSizes(encoder, nIn, larger)
    const times = shrinks(larger, maps)
    if (times > most) [most, enough] = [times, larger]
    if (maps.at(-1)!.every((n) => n > 1)) break
  }
  if (enough === size) return
  throw new EspalierError(
    'unet/img-size',
    `pictures of ${size.join('×')} are too small for the encoder: they are down to one pixel before its last part`,
    { fix: `use larger pictures, such as ${enough.join('×')}, or cut the body earlier` },
  )
}

/** How often height and width become smaller. */
function shrinks(from: Size, maps: readonly MapSize[]): number {
  const less = (axis: 0 | 1) => maps.filter((map, i) => map[axis] < (maps[i - 1] ?? from)[axis]).length
  return less(0) + less(1)
}

function checkedSize(size: readonly [number, number]): readonly [number, number] {
  const fits = Array.isArray(size) && size.length === 2 && size.every((n) => Number.isInteger(n) && n >= 1)
  if (fits) return size
  throw new EspalierError(
    'unet/img-size',
    `the size of the pictures must be [height, width], got ${describeNumber(size)}`,
    {
      fix: 'say [224, 224]; the model takes other sizes too',
    },
  )
}
