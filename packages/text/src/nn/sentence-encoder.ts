import { Module, noGrad, tf } from '@espalier/core'
import { embed, readHost } from '@espalier/core/kernels'
import { describeNumber, EspalierError } from '@espalier/data'
import type { RecurrentEncoder } from '../models/text-arch.js'
import { aligned } from './aligned.js'
import { type Span, spansOf } from './spans.js'

/** What an encoder gave of the texts of a batch: `[b, t, n]`, and 1 where there is padding, `[b, t]` int32. */
export interface Encoded {
  readonly output: tf.Tensor3D
  readonly mask: tf.Tensor2D
}

/** How long texts are read. */
export interface SentenceEncoderOptions {
  /** How many tokens at a time. Default 72. */
  readonly bptt?: number
  /** Default 1, the id of `xxpad`. */
  readonly padIdx?: number
  /** Only what it gives for about so many last tokens is kept, and learned from; null keeps all. Default 1440. */
  readonly maxLen?: number | null
}

/**
 * Reads whole texts a chunk at a time with an encoder that carries its state (fastai's `SentenceEncoder`: backpropagation
 * through time for texts). Gradients stay within a chunk; chunks that are not kept leave nothing behind but the state, so
 * that memory depends on `maxLen` and not on the text. A text is read from its first token to its last: neither padding
 * nor the other texts of the batch change what comes out.
 */
export class SentenceEncoder extends Module<[tf.Tensor2D], Encoded> {
  readonly bptt: number
  readonly padIdx: number
  readonly maxLen: number | null

  constructor(
    readonly module: RecurrentEncoder,
    { bptt = 72, padIdx = 1, maxLen = 1440 }: SentenceEncoderOptions = {},
  ) {
    super()
    checkLength('bptt', bptt)
    if (maxLen !== null) checkLength('maxLen', maxLen)
    this.bptt = bptt
    this.padIdx = padIdx
    this.maxLen = maxLen
  }

  forward(given: tf.Tensor2D): Encoded {
    const { bptt, padIdx, module } = this
    const words = aligned(given, { bptt, padIdx })
    const [b, length] = words.shape
    const ids = readHost(words).slice() as Int32Array
    const spans = spansOf(ids, words.shape, padIdx)
    // The last chunk always stays, however little is to be kept.
    const last = bptt * (Math.ceil(length / bptt) - 1)
    const keepFrom = this.maxLen === null ? 0 : Math.min(last, length - this.maxLen)
    module.reset()
    const kept: tf.Tensor3D[] = []
    let first = length
    let present: readonly number[] = []
    for (let i = 0; i < length; i += bptt) {
      const rows = rowsIn(spans, i, Math.min(i + bptt, length), present)
      if (rows.length === 0 && i < keepFrom) continue
      const t = Math.min(bptt, length - i)
      const chunk = () => chunkOf(ids, length, { rows, from: i, t })
      const read = () => this.#read(chunk(), b, rows, present)
      if (i < keepFrom) noGrad(() => void read())
      else {
        kept.push(tf.tidy(read))
        first = Math.min(first, i)
      }
      present = rows
    }
    return {
      output: kept.length === 1 ? kept[0]! : tf.concat(kept, 1),
      mask: maskOf(ids, [b, length], first, padIdx),
    }
  }

  override describe(): string {
    return `bptt=${this.bptt}, max_len=${this.maxLen}`
  }

  /** What the encoder gives for the rows of a chunk, zeros for the texts that have nothing in it. */
  #read(chunk: tf.Tensor2D, b: number, rows: readonly number[], present: readonly number[]): tf.Tensor3D {
    const [n, t] = chunk.shape
    if (n === 0) return tf.zeros([b, t, this.module.outSize])
    this.module.keepRows(rows.flatMap((row) => (present.includes(row) ? [present.indexOf(row)] : [])))
    const y = this.module.forward(chunk)
    const inOrder = rows.every((row, k) => row === k)
    if (n === b && inOrder) return y
    const padded = tf.pad(y, [
      [0, inOrder ? b - n : 1],
      [0, 0],
      [0, 0],
    ])
    return inOrder ? padded : takeRows(padded, placesOf(rows, b))
  }
}

/** Some columns of some rows of a matrix of tokens. */
function chunkOf(
  ids: Int32Array,
  length: number,
  { rows, from, t }: { readonly rows: readonly number[]; readonly from: number; readonly t: number },
): tf.Tensor2D {
  const chunk = new Int32Array(rows.length * t)
  for (const [k, row] of rows.entries()) {
    chunk.set(ids.subarray(row * length + from, row * length + from + t), k * t)
  }
  return tf.tensor2d(chunk, [rows.length, t], 'int32')
}

/** Some rows of `[b, t, n]`, with a gradient on every engine. */
function takeRows(x: tf.Tensor3D, rows: readonly number[]): tf.Tensor3D {
  const [b, t, n] = x.shape
  const taken = embed(tf.reshape<tf.Rank.R2>(x, [b, t * n]), tf.tensor1d([...rows], 'int32'))
  return tf.reshape(taken, [rows.length, t, n])
}

/** Where each row of a batch lies among those that were read; after the last one for those that were not. */
function placesOf(rows: readonly number[], b: number): number[] {
  const places = new Array<number>(b).fill(rows.length)
  for (const [k, row] of rows.entries()) places[row] = k
  return places
}

/** The texts that have tokens in a chunk: first those whose state there is, in its order. */
function rowsIn(spans: readonly Span[], from: number, to: number, present: readonly number[]): number[] {
  const inside = spans.flatMap(({ start, end }, row) => (start < to && end > from ? [row] : []))
  const going = present.filter((row) => inside.includes(row))
  return [...going, ...inside.filter((row) => !going.includes(row))]
}

/** 1 where there is padding, from column `first` on. */
function maskOf(
  ids: Int32Array,
  [b, length]: readonly [number, number],
  first: number,
  padIdx: number,
): tf.Tensor2D {
  const width = length - first
  const mask = new Int32Array(b * width)
  for (let i = 0; i < mask.length; i++) {
    const id = ids[Math.floor(i / width) * length + first + (i % width)]
    mask[i] = id === padIdx ? 1 : 0
  }
  return tf.tensor2d(mask, [b, width], 'int32')
}

function checkLength(option: string, value: number): void {
  if (Number.isInteger(value) && value >= 1) return
  throw new EspalierError(
    'encoder/length',
    `SentenceEncoder: ${option} must be a whole number ≥ 1, got ${describeNumber(value)}`,
    { fix: option === 'bptt' ? 'say bptt: 72' : 'say maxLen: 1440, or null to keep everything' },
  )
}
