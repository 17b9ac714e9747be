import {
  type AnyModule,
  BatchNorm,
  Dropout,
  linBnDrop,
  Module,
  ReLU,
  Sequential,
  SigmoidRange,
  type Table,
  type tf,
} from '@espalier/core'
import { joinColumns } from '@espalier/core/kernels'
import type { NdArray } from '@espalier/data'
import { checkTabularModel } from './check-tabular-model.js'
import { EmbeddingList, type EmbSz } from './embedding-list.js'
import { portableTabularModel } from './portable-tabular-model.js'
import { traceTabularModel } from './trace-tabular-model.js'

/** The sizes and options of a {@link TabularModel}. */
export interface TabularModelOptions extends TabularModelConfig {
  /** Number of classes and length of the embedding of each categorical column. */
  readonly embSzs: readonly EmbSz[]
  /** How many continuous columns there are. */
  readonly nCont: number
  readonly outSz: number
  /** The sizes of the hidden layers. */
  readonly layers: readonly number[]
}

/** What shapes a {@link TabularModel} besides its sizes, with fastai's defaults. */
export interface TabularModelConfig {
  /** Dropout after each hidden layer: one probability for all, or a list. Default none. */
  readonly ps?: number | readonly number[]
  /** Dropout on the embeddings. Default 0. */
  readonly embedP?: number
  /** Bounds that a sigmoid keeps the output between. */
  readonly yRange?: readonly [low: number, high: number]
  /** Batch norm in the hidden layers. Default true. */
  readonly useBn?: boolean
  /** Batch norm also on the output. Default false. */
  readonly bnFinal?: boolean
  /** Batch norm on the continuous columns. Default true. */
  readonly bnCont?: boolean
  /** Makes the activation of each hidden layer. Default a rectifier. */
  readonly act?: () => AnyModule
  /** In each layer the linear part before norm and dropout. Default true. */
  readonly linFirst?: boolean
}

/**
 * Embeddings of the categories beside the normalized numbers, through hidden layers (fastai's `TabularModel`): codes
 * int32 `[b, nCat]` and numbers `[b, nCont]`, those that there are, → `[b, outSz]`.
 *
 * @example
 * const model = new TabularModel({ embSzs: [[10, 6], [17, 8]], nCont: 3, outSz: 2, layers: [200, 100] })
 */
export class TabularModel extends Module<readonly tf.Tensor2D[], tf.Tensor2D> {
  static readonly steady = true
  readonly embeds: EmbeddingList
  readonly embDrop: Dropout
  readonly bnCont: BatchNorm | undefined
  readonly layers: Sequential<[tf.Tensor2D], tf.Tensor2D>
  readonly nCont: number

  constructor(options: TabularModelOptions) {
    super()
    checkTabularModel(options)
    const { embSzs, nCont, embedP = 0, bnCont = true } = options
    this.nCont = nCont
    this.embeds = new EmbeddingList(embSzs)
    this.embDrop = new Dropout(embedP)
    this.bnCont = bnCont ? new BatchNorm(nCont, { ndim: 1 }) : undefined
    this.layers = new Sequential(layersOf(this.embeds.width + nCont, options))
    this.portable = portableTabularModel('tabularModel', options)
  }

  forward(...inputs: readonly tf.Tensor2D[]): tf.Tensor2D {
    const [cats, conts] = this.halves(inputs)
    const numbers = conts && (this.bnCont?.forward(conts) ?? conts)
    return this.layers.forward((cats ? this.#beside(cats, numbers) : numbers) as tf.Tensor2D)
  }

  /** The embeddings, and numbers beside them: in one pass where nothing is dropped in between. */
  #beside(cats: tf.Tensor2D, numbers: tf.Tensor2D | undefined): tf.Tensor2D {
    if (!this.training || this.embDrop.p === 0) return this.embeds.forward(cats, numbers)
    const embedded = this.embDrop.forward(this.embeds.forward(cats))
    return numbers ? joinColumns(embedded, numbers) : embedded
  }

  /** What each line of `forward` makes of a batch, with the shapes: of tensors, or of the arrays that loaders give. */
  trace(...inputs: readonly (tf.Tensor2D | NdArray)[]): Table {
    return traceTabularModel(this, inputs)
  }

  /** The inputs by what they are: a half without columns is not given. */
  halves(
    inputs: readonly tf.Tensor2D[],
  ): readonly [cats: tf.Tensor2D | undefined, conts: tf.Tensor2D | undefined] {
    const hasCats = this.embeds.tables.length > 0
    return [hasCats ? inputs[0] : undefined, this.nCont > 0 ? inputs[Number(hasCats)] : undefined]
  }
}

function layersOf(nIn: number, options: TabularModelOptions): AnyModule[] {
  const { layers, outSz, ps = 0, yRange, useBn = true, bnFinal = false, linFirst = true } = options
  const { act = () => new ReLU({ inplace: true }) } = options
  const sizes = [nIn, ...layers, outSz]
  const made: AnyModule[] = sizes.slice(1).map((nOut, i) => {
    const last = i === layers.length
    const p = last ? 0 : typeof ps === 'number' ? ps : ps[i]!
    const bn = useBn && (!last || bnFinal)
    return linBnDrop(sizes[i]!, nOut, { bn, p, linFirst, ...(!last && { act: act() }) })
  })
  return yRange ? [...made, new SigmoidRange(...yRange)] : made
}
