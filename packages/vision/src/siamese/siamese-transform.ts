import {
  checkOptions,
  describe,
  describeNumber,
  EspalierError,
  itemId,
  Random,
  type Splits,
  type Transform,
  type TransformContext,
} from '@espalier/data'
import { PairPool, type SiamesePair } from './pair-pool.js'

/** How pairs are drawn. */
export interface SiameseOptions {
  /** Decides the pairs that stay. Default 42. */
  readonly seed?: number
}

/**
 * Gives a file a partner: as likely one of the same label as one of another (the book's `SiameseTransform`). In training
 * it is another one each epoch, drawn for the file's place in it; pairs of the other parts stay as they are. Partners
 * come from the file's own part, and are never the file itself.
 *
 * @example
 * const tfm = new SiameseTransform(files, labelFunc, splits)
 * const tls = await datasets(files, siamesePipelines(tfm), { splits })
 */
export class SiameseTransform<F = string> implements Transform<F, SiamesePair<F>> {
  readonly name = 'siamese'
  readonly local = true
  readonly seed: number
  readonly #pools: readonly PairPool<F>[]
  /** The part of each file, and its place there. */
  readonly #places = new Map<F, readonly [part: number, place: number]>()
  /** What was drawn for a sample: the pipelines of its elements ask one after the other. */
  readonly #drawn = new WeakMap<Random, SiamesePair<F>>()

  constructor(
    files: readonly F[],
    readonly labelFunc: (file: F) => string,
    splits: Splits,
    options: SiameseOptions = {},
  ) {
    checkOptions('SiameseTransform', options, ['seed'])
    const { seed = 42 } = options
    new Random(seed, 'siamese') // Says what is wrong with a seed.
    this.seed = seed
    checkArguments(files, labelFunc, splits)
    this.#pools = splits.map((positions, part) => {
      const name = ['training', 'validation'][part] ?? `part ${part}`
      return new PairPool(
        name,
        positions.map((i) => fileAt(files, i)),
        labelFunc,
      )
    })
    for (const [part, pool] of this.#pools.entries()) {
      for (const [place, file] of pool.files.entries()) {
        if (this.#places.has(file)) throw shared(file)
        this.#places.set(file, [part, place])
      }
    }
  }

  /** The labels of all parts, as they come. */
  get labels(): readonly string[] {
    return [...new Set(this.#pools.flatMap((pool) => pool.labels))]
  }

  /** The pair of a file in a sample; without a place in training the one that stays. */
  encode(file: F, context?: TransformContext): SiamesePair<F> {
    const [part, place] = this.#placeOf(file)
    if (context?.split !== 0 || part !== 0) return this.#fixed(part, place, 1)[0]!
    const before = this.#drawn.get(context.random)
    if (before?.[0] === file) return before
    const pair = this.#pools[0]!.draw(file, context.random)
    this.#drawn.set(context.random, pair)
    return pair
  }

  /**
   * The pairs that stay of every file of a part, or more of them for each file, half of which are alike: a measure of
   * less noise.
   *
   * @example
   * await learn.validate(dls.testDl(tfm.pairs({ perFile: 4 }), { withLabels: true }))
   */
  pairs(options: { readonly part?: number; readonly perFile?: number } = {}): SiamesePair<F>[] {
    checkOptions('SiameseTransform.pairs', options, ['part', 'perFile'])
    const { part = 1, perFile = 1 } = options
    const pool = this.#pools[part]
    if (!pool || !Number.isInteger(perFile) || perFile < 1) {
      const wrong = pool
        ? `perFile is ${describeNumber(perFile)}`
        : `there is no part ${describeNumber(part)}`
      throw new EspalierError('siamese/pairs', `SiameseTransform.pairs: ${wrong}`, {
        fix: 'part 1 validates; perFile is a whole number ≥ 1',
      })
    }
    return pool.files.flatMap((_, place) => this.#fixed(part, place, perFile))
  }

  #fixed(part: number, place: number, n: number): SiamesePair<F>[] {
    const pool = this.#pools[part]!
    return pool.series(pool.files[place]!, n, new Random(this.seed, 'siamese', part, place))
  }

  #placeOf(file: F): readonly [part: number, place: number] {
    const found = this.#places.get(file)
    if (found) return found
    throw new EspalierError('siamese/file', `${itemId(file)} is not among the files that pairs are made of`, {
      fix: 'give a file of one of the parts; to predict, give two pictures: learn.predict([one, other])',
    })
  }
}

function checkArguments(files: unknown, labelFunc: unknown, splits: unknown): void {
  const lists = Array.isArray(splits) && splits.length >= 2 && splits.every(Array.isArray)
  if (Array.isArray(files) && typeof labelFunc === 'function' && lists) return
  const got = [files, labelFunc, splits].map(describe).join(', ')
  throw new EspalierError(
    'siamese/arguments',
    `SiameseTransform takes files, a label function and the positions of each part, got ${got}`,
    { fix: 'say new SiameseTransform(files, labelFunc, trainTestSplitter({ stratify: labelFunc })(files))' },
  )
}

function fileAt<F>(files: readonly F[], i: number): F {
  if (Number.isInteger(i) && i >= 0 && i < files.length) return files[i]!
  throw new EspalierError(
    'siamese/position',
    `the position ${describeNumber(i)} is none of ${files.length} files`,
    {
      fix: 'splits are those of the files: splitter(files)',
    },
  )
}

function shared(file: unknown): EspalierError {
  return new EspalierError('siamese/overlap', `${itemId(file)} is in more than one part`, {
    fix: 'a file that trains must not validate: give each one part, and list it once',
  })
}
