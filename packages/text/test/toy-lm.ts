import { tf } from '@espalier/core'
import { DataLoaders, Datasets, Pipeline } from '@espalier/data'
import {
  type AwdLstmLmConfig,
  baseTokenizer,
  LMDataLoader,
  type LmDataLoaders,
  NextToken,
  Numericalize,
  specialTokens,
  Tokenize,
} from '../src/index.js'

/** A vocabulary of special tokens and the words of a rhyme. */
export const rhymeWords = ['one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight']
export const toyVocab = [...specialTokens, ...rhymeWords]

/** An encoder small enough for a test. */
export const tiny: Partial<AwdLstmLmConfig> = { embSz: 16, nHid: 24, nLayers: 1 }

/** Loaders of a stream that counts from one to eight again and again. */
export function countingLoaders({ vocab = toyVocab, bs = 4, seqLen = 8, length = 256 } = {}): LmDataLoaders {
  const text = new Pipeline<never>([
    new Tokenize({ tok: baseTokenizer(), rules: [], postRules: [] }),
    new Numericalize({ vocab }),
  ])
  const datasets = new Datasets<never>([], [text, text], [[], []], 1)
  const stream = (n: number) => Int32Array.from({ length: n }, (_, i) => vocab.indexOf(rhymeWords[i % 8]!))
  const part = (n: number, split: number) => {
    const ids = stream(n)
    const texts = { lens: [ids.length], read: async () => ids, id: () => 'rhyme' }
    return new LMDataLoader(texts, { bs, seqLen, shuffle: false, split })
  }
  const target = new NextToken({ vocab })
  return new DataLoaders(part(length, 0), part(bs * seqLen + 1, 1), { datasets, target }) as LmDataLoaders
}

export const int2d = (rows: readonly (readonly number[])[]): tf.Tensor2D =>
  tf.tensor2d(rows.flat(), [rows.length, rows[0]!.length], 'int32')

/** Numbers that are the same in every run, from 2 to below `n`. */
export function someTokens(b: number, t: number, n: number): number[][] {
  return Array.from({ length: b }, (_, i) =>
    Array.from({ length: t }, (_, j) => 2 + ((i * 31 + j * 17 + ((j * j) % 11)) % (n - 2))),
  )
}
