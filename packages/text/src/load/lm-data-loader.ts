import {
  type Batch,
  DataLoader,
  type DataLoaderOptions,
  type Dataset,
  describeNumber,
  EspalierError,
  type NdArray,
} from '@espalier/data'
import { type TextParts, TextStream } from './text-stream.js'

/** Batches of a language model: tokens and those that come next, both `[b, seqLen]` int32. */
export type LmArrays = readonly [x: NdArray<'int32'>, y: NdArray<'int32'>]

/** Also how many tokens are read at a time. */
export interface LMDataLoaderOptions extends DataLoaderOptions {
  /** Default 72. */
  readonly seqLen?: number
}

/**
 * Batches for language models (fastai's `LMDataLoader`): the texts as one stream, cut into `bs` rows; each batch goes on
 * in every row where the one before ended, so that a model may keep its state. Shuffled loaders put the texts in another
 * order in each epoch; the windows stay in theirs. The last batch may have fewer tokens per row, never fewer rows.
 */
export class LMDataLoader extends DataLoader<LmArrays> {
  readonly seqLen: number
  readonly stream: TextStream

  constructor(texts: TextParts, { seqLen = 72, ...options }: LMDataLoaderOptions = {}) {
    const { bs = 64 } = options
    check('bs', bs)
    check('seqLen', seqLen)
    const stream = new TextStream(texts, { bs, seqLen })
    if (stream.length === 0 && texts.lens.length > 0)
      throw tooShort(texts, bs, options.split === 1 ? 'valBs' : 'bs')
    super(stream, { ...options, bs, dropLast: false, nInp: 1, workers: 0 })
    this.stream = stream
    this.seqLen = seqLen
  }

  /** The same loader with other options. Another data set has texts of its own, which are loaded whole. */
  override with(options: LMDataLoaderOptions, dataset?: Dataset): DataLoader<LmArrays> {
    if (dataset && dataset !== this.dataset) {
      const { seqLen: _, ...rest } = options
      return new DataLoader<LmArrays>(dataset, { ...this.options, ...rest })
    }
    return new LMDataLoader(this.stream.texts, { seqLen: this.seqLen, ...this.options, ...options })
  }

  /** The windows come in their order; what an epoch shuffles are the texts. */
  override order(): readonly number[] {
    return Array.from({ length: this.stream.length }, (_, i) => i)
  }

  override async *batches(epoch = 0, from = 0): AsyncGenerator<Batch<LmArrays>> {
    const { shuffle, seed, order: _, ...options } = this.options
    const stream = shuffle ? this.stream.shuffled(seed, epoch) : this.stream
    yield* new DataLoader<LmArrays>(stream, { ...options, seed, shuffle: false }).batches(epoch, from)
  }
}

function check(option: string, value: unknown): void {
  if (Number.isInteger(value) && Number(value) >= 1) return
  throw new EspalierError(
    `loader/${option === 'bs' ? 'bs' : 'seq-len'}`,
    `${option} must be a whole number ≥ 1, got ${describeNumber(value)}`,
    { fix: `say ${option}: ${option === 'bs' ? 64 : 72}` },
  )
}

function tooShort({ lens }: TextParts, bs: number, option: string): EspalierError {
  let n = 0
  for (let i = 0; i < lens.length; i++) n += lens[i]!
  return new EspalierError('loader/bs', `${n} tokens cannot fill ${bs} rows`, {
    fix:
      n > 1
        ? `use ${option}: ${Math.max(1, Math.floor((n - 1) / 2))} or less, or more texts`
        : 'give more texts',
  })
}
