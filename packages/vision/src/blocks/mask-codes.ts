import {
  type Cell,
  describe,
  EspalierError,
  movable,
  type NdArray,
  ndArray,
  type Target,
  type Transform,
} from '@espalier/data'
import type { RasterImage } from '../image/raster-image.js'

/** The classes of the pixels of a mask, in the order of their numbers. */
export interface MaskCodesOptions {
  readonly codes: readonly string[]
  /** True where masks have pixels that do not count: their number is then 255. Default false. */
  readonly ignores?: boolean
}

/** The number, in batches, of pixels that do not count. */
export const ignored = 255

/** A predicted mask. */
export interface MaskPrediction {
  /** The likeliest class of each pixel, `[h, w]`. */
  readonly mask: NdArray<'uint8'>
  /** Of each class at each pixel, `[h, w, classes]`. */
  readonly probabilities: NdArray<'float32'>
  /** The classes that there are, the largest first, with the share of the picture that each has. */
  readonly areas: readonly { readonly label: string; readonly index: number; readonly share: number }[]
}

/** What the numbers of a mask stand for (fastai's `AddMaskCodes`): the target of a segmentation. */
export class MaskCodes implements Transform<RasterImage, RasterImage | NdArray>, Target<MaskPrediction> {
  readonly name = 'maskCodes'
  readonly order = 1
  readonly loss = 'crossEntropy'
  readonly vocab: readonly string[]
  /** What the default loss leaves out. */
  readonly ignoreIndex?: number

  constructor({ codes, ignores = false }: MaskCodesOptions) {
    this.vocab = checkedCodes(codes)
    if (ignores) this.ignoreIndex = ignored
    movable(this, '@espalier/vision', { light: true })
  }

  get c(): number {
    return this.vocab.length
  }

  encode(mask: RasterImage): RasterImage {
    return mask
  }

  show({ shape, data }: NdArray): Cell {
    return { pixels: ndArray('uint8', shape, Uint8Array.from(data), 'mask') }
  }

  read(activations: Float32Array, shape: readonly number[] = []): MaskPrediction {
    const [height = 0, width = 0, c] = shape
    if (shape.length !== 3 || c !== this.c) throw this.#noMask(shape)
    const mask = new Uint8Array(height * width)
    const counts = new Uint32Array(this.c)
    for (let i = 0; i < mask.length; i++) {
      let best = 0
      for (let k = 1; k < this.c; k++) {
        if (activations[i * this.c + k]! > activations[i * this.c + best]!) best = k
      }
      mask[i] = best
      counts[best]!++
    }
    const areas = Array.from(counts, (n, index) => ({
      label: this.vocab[index]!,
      index,
      share: n / mask.length,
    }))
    return {
      mask: ndArray('uint8', [height, width], mask, 'mask'),
      probabilities: ndArray('float32', shape, activations),
      areas: areas.filter(({ share }) => share > 0).sort((a, b) => b.share - a.share),
    }
  }

  toJSON() {
    return { codes: this.vocab, ...(this.ignoreIndex !== undefined && { ignores: true }) }
  }

  #noMask(shape: readonly number[]): EspalierError {
    return new EspalierError(
      'predict/mask',
      `the model gave [${shape}] for an item, not a mask [h, w, ${this.c}] of the ${this.c} classes`,
      { fix: 'its output must have a number for each class at each pixel: use unetLearner' },
    )
  }
}

function checkedCodes(codes: unknown): readonly string[] {
  const fits =
    Array.isArray(codes) &&
    codes.length >= 2 &&
    codes.length < 256 &&
    codes.every((c) => typeof c === 'string')
  if (!fits) {
    const got = Array.isArray(codes) && codes.length > 255 ? `${codes.length} of them` : describe(codes)
    throw new EspalierError('mask/codes', `codes are the names of 2 to 255 classes, got ${got}`, {
      fix: "name the classes in the order of their numbers: maskBlock({ codes: ['background', 'cat'] })",
    })
  }
  const twice = codes.find((code, i) => codes.indexOf(code) !== i)
  if (twice === undefined) return [...codes]
  throw new EspalierError('mask/codes', `codes name the class '${twice}' twice`, {
    fix: 'name each class once; pixels that do not count are said with ignore',
  })
}
