import {
  type AnyModule,
  cardGrid,
  type Figure,
  Interpretation,
  type Learner,
  type Losses,
  plotConfusion,
} from '@espalier/core'
import { type DataLoader, EspalierError, listed, type NdArray } from '@espalier/data'
import { ignored, type MaskPrediction } from '../blocks/mask-codes.js'
import { errorOver } from './error-over.js'

/** Which masks are looked at, and what of them does not count. */
export interface SegmentationOptions {
  /** Default: the validation set. */
  readonly dl?: DataLoader
  /** Classes whose pixels do not count, such as `['Void']`; pixels that the mask block ignores never do. */
  readonly ignore?: readonly string[]
}

/** How well the pixels of a class are found. */
export interface PixelScores {
  readonly label: string
  /** Of its pixels the share that was found. */
  readonly accuracy: number
  /** Of the pixels taken for it the share that is. */
  readonly precision: number
  /** Intersection over union, and the Dice coefficient. */
  readonly iou: number
  readonly dice: number
  /** How many pixels it has. */
  readonly pixels: number
}

/** How much of a mask is wrong. */
export interface MaskError {
  /** The item's position in its data set, and its name. */
  readonly index: number
  readonly id: string
  /** The share of the pixels that count. */
  readonly wrong: number
  readonly loss: number
}

interface Counted extends Losses {
  /** For each item the share of its pixels that is wrong. */
  readonly wrong: readonly number[]
  /** Pixels by what they are and what they were taken for. */
  readonly matrix: readonly (readonly number[])[]
}

/**
 * What a segmentation gets wrong (fastai's `SegmentationInterpretation`), pixel by pixel: which classes are taken for
 * which, which pictures are worst and where in them. Masks are counted as they come: memory does not grow with them.
 *
 * @example
 * const interp = await SegmentationInterpretation.fromLearner(learn, { ignore: ['Void'] })
 * console.table(interp.perClass())
 * await interp.plotErrors(9).save('errors.png')
 */
export class SegmentationInterpretation extends Interpretation<MaskPrediction> {
  readonly vocab: readonly string[]

  private constructor(
    learn: Learner<AnyModule, MaskPrediction>,
    dl: DataLoader,
    readonly counted: Counted,
    readonly ignore: ReadonlySet<number>,
  ) {
    super(learn, dl, counted)
    this.vocab = learn.dls.vocab
  }

  /** Predicts the masks of a loader and counts what is right. */
  static async fromLearner<M extends AnyModule>(
    learn: Learner<M, MaskPrediction>,
    { dl = learn.dls.valid, ignore = [] }: SegmentationOptions = {},
  ): Promise<SegmentationInterpretation> {
    const learner = learn as unknown as Learner<AnyModule, MaskPrediction>
    const places = placesOf(ignore, learn.dls.target?.vocab)
    return new SegmentationInterpretation(learner, dl, await count(learner, dl, places), places)
  }

  /** Pixels: rows are what they are, columns what they were taken for. What does not count has no row. */
  confusionMatrix(): number[][] {
    return this.counted.matrix.map((row) => [...row])
  }

  /** How well each class is found; NaN where there is nothing to take a share of. Classes that do not count are left out. */
  perClass(): PixelScores[] {
    const matrix = this.counted.matrix
    return this.vocab.flatMap((label, c) => {
      if (this.ignore.has(c)) return []
      const hits = matrix[c]![c]!
      const [pixels, taken] = [sum(matrix[c]!), sum(matrix.map((row) => row[c]!))]
      const either = pixels + taken - hits
      return {
        label,
        accuracy: hits / pixels,
        precision: hits / taken,
        iou: hits / either,
        dice: (2 * hits) / (pixels + taken),
        pixels,
      }
    })
  }

  /** Of the pixels that count the share that is right. */
  get accuracy(): number {
    const { matrix } = this.counted
    return sum(matrix.map((row, c) => row[c]!)) / sum(matrix.map(sum))
  }

  /** The matrix drawn as shares of each row, or in pixels, with `normDec` decimals. */
  plotConfusionMatrix({ normalize = true, normDec = 2 } = {}): Figure {
    return plotConfusion({ matrix: this.confusionMatrix(), vocab: this.vocab, normalize, normDec })
  }

  /** The `k` pictures of which the largest share is wrong. */
  worst(k = 9): MaskError[] {
    const { wrong, losses, indices } = this.counted
    return Array.from(wrong.keys())
      .sort((a, b) => wrong[b]! - wrong[a]!)
      .slice(0, k)
      .map((i) => ({
        index: indices[i]!,
        id: this.dl.dataset.id(indices[i]!),
        wrong: wrong[i]!,
        loss: losses[i]!,
      }))
  }

  /** These pictures, each under what is true, what was predicted, and where that is wrong in red. */
  plotErrors(k = 9): Figure {
    const worst = this.worst(k)
    const drawn = this.#seen(worst.map((w) => w.index)).then((items) =>
      items.map(({ input, actual, predicted }) => {
        const [photo] = input
        if (!photo || !('pixels' in photo && 'pixels' in actual && 'pixels' in predicted)) throw noMasks()
        const pixels = errorOver(photo.pixels, actual.pixels, predicted.pixels, this.ignore)
        return [photo, actual, photo, predicted, { pixels }]
      }),
    )
    const titles = worst.map(
      ({ id, wrong }) => `${id.split('/').at(-1)}\n${(100 * wrong).toFixed(1)} % wrong`,
    )
    return cardGrid(drawn, { titles })
  }

  /** Items of the set with all there is to see of them, by their place in it. */
  #seen(indices: readonly number[]) {
    const rankOf = new Map(this.topLosses().map(({ index }, rank) => [index, rank]))
    return this.topItems(indices.map((i) => rankOf.get(i)!))
  }
}

async function count(
  learn: Learner<AnyModule, MaskPrediction>,
  dl: DataLoader,
  ignore: ReadonlySet<number>,
): Promise<Counted> {
  const vocab = learn.dls.target?.vocab ?? []
  const matrix = vocab.map(() => new Array<number>(vocab.length).fill(0))
  const found: { readonly index: number; readonly loss: number; readonly wrong: number }[] = []
  for await (const batch of learn.predsOf({ dl, decode: true, withLoss: true })) {
    const { decoded, targets, losses, indices } = batch as unknown as MaskBatch
    const target = targets[0]
    if (target?.data.length !== decoded.data.length) throw noMasks()
    const pixels = decoded.data.length / indices.length
    for (const [i, index] of indices.entries()) {
      let [wrong, counted] = [0, 0]
      for (let at = i * pixels; at < (i + 1) * pixels; at++) {
        const [is, taken] = [target.data[at]!, decoded.data[at]!]
        if (is === ignored || ignore.has(is)) continue
        matrix[is]![taken]!++
        counted++
        if (is !== taken) wrong++
      }
      found.push({ index, loss: losses[i]!, wrong: counted > 0 ? wrong / counted : 0 })
    }
  }
  if (found.length === 0) {
    throw new EspalierError('preds/empty', 'there is no mask to look at: the loader is empty', {
      fix: 'hold out a part of the items, or give a loader: { dl: learn.dls.testDl(items, { withLabels: true }) }',
    })
  }
  found.sort((a, b) => a.index - b.index)
  return {
    losses: Float32Array.from(found, (f) => f.loss),
    indices: found.map((f) => f.index),
    wrong: found.map((f) => f.wrong),
    matrix,
  }
}

interface MaskBatch {
  readonly decoded: NdArray
  readonly targets: readonly NdArray[]
  readonly losses: Float32Array
  readonly indices: readonly number[]
}

/** The numbers of the classes that do not count. */
function placesOf(ignore: readonly string[], vocab: readonly string[] | undefined): ReadonlySet<number> {
  if (!vocab) throw noMasks()
  const wrong = Array.isArray(ignore) ? ignore.find((label) => !vocab.includes(label)) : ignore
  if (wrong === undefined) return new Set(ignore.map((label) => vocab.indexOf(label)))
  throw new EspalierError('interpret/ignore', `there is no class ${JSON.stringify(wrong)} to be ignored`, {
    fix: `give a list of some of ${listed(vocab)}`,
  })
}

function noMasks(): EspalierError {
  return new EspalierError(
    'interpret/masks',
    'these data loaders have no masks to compare predictions with',
    {
      fix: 'segmentations are interpreted: maskBlock({ codes }) as the target; for classes there is learn.interpret()',
    },
  )
}

const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0)
