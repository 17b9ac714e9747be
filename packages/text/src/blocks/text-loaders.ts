import {
  type AnyBlock,
  type ArraysOf,
  type CardTable,
  type DataBlock,
  DataLoaders,
  Datasets,
  EspalierError,
  type LoaderOptions,
  type NdArray,
  type Pipeline,
  type PredictionOf,
  Random,
  type Subset,
} from '@espalier/data'
import { LMDataLoader, type LmArrays } from '../load/lm-data-loader.js'
import { measured } from '../load/sorted-dl.js'
import type { TextParts } from '../load/text-stream.js'
import { Numericalize } from '../numericalize/numericalize.js'
import type { TextTokenizer } from '../tokenize/text-tokenizer.js'
import { Tokenize } from '../tokenize/tokenize.js'
import { NextToken, type NextTokenPrediction } from './next-token.js'
import { isTextBlock } from './text-block.js'

/** Loaders of a language model. */
export type LmDataLoaders = DataLoaders<LmArrays, NextTokenPrediction, CardTable>

type LastOf<Bs extends readonly AnyBlock[]> = Bs extends readonly [...unknown[], infer L] ? L : never
/** What loaders of blocks hold: those of a language model where there is one block of texts alone. */
export type TextLoadersOf<Bs extends readonly AnyBlock[]> = Bs extends readonly [AnyBlock]
  ? LmDataLoaders
  : DataLoaders<ArraysOf<Bs>, PredictionOf<LastOf<Bs>>, CardTable>

/**
 * Loaders of a data block whose first block is a `textBlock`: for a language model windows of a stream, else texts
 * of about one length together (fastai's `TextDataLoaders.from_dblock`).
 */
export async function textLoaders<Source, Item, const Bs extends readonly AnyBlock[]>(
  block: DataBlock<Source, Item, Bs>,
  source: Source,
  options: LoaderOptions<Item> & { readonly seqLen?: number } = {},
): Promise<TextLoadersOf<Bs>> {
  const text = block.spec.blocks[0] as unknown
  if (!isTextBlock(text)) {
    throw new EspalierError('text/block', 'the first block is not one of texts', {
      fix: 'say dataBlock({ blocks: [textBlock(), categoryBlock()], … })',
    })
  }
  const { seqLen = text.seqLen, ...loading } = options
  const dls = text.isLm
    ? lmLoaders(block, source, { ...loading, seqLen })
    : block.dataLoaders(source, loading)
  return (await dls) as unknown as TextLoadersOf<Bs>
}

async function lmLoaders<Source, Item, Bs extends readonly AnyBlock[]>(
  block: DataBlock<Source, Item, Bs>,
  source: Source,
  options: LoaderOptions<Item> & { readonly seqLen: number },
): Promise<LmDataLoaders> {
  const { seqLen, bs = 64, valBs = bs, shuffle = true, valShuffle = false, ...rest } = options
  const { dropLast: _, order: __, weights: ___, ...given } = rest
  const { itemTfms, beforeBatch, batchTfms } = block
  const loading = { ...given, itemTfms, beforeBatch, batchTfms }
  const dsets = (await block.datasets(source)) as unknown as Datasets<Item>
  const [train, valid, ...more] = await Promise.all(
    dsets.splits.map(async (_, i) => {
      const split = i === 0 ? { bs, shuffle, split: 0 } : { bs: valBs, shuffle: valShuffle, split: 1 }
      return new LMDataLoader(await partsOf(dsets.subset(i)), { ...loading, ...split, seqLen })
    }),
  )
  // What comes next is shown as the text is.
  const text = dsets.pipelines[0] as unknown as Pipeline<never>
  const datasets = new Datasets<never>(dsets.items as never, [text, text], dsets.splits, 1)
  const target = new NextToken({ vocab: vocabIn(dsets.pipelines) })
  return new DataLoaders(train!, valid!, { datasets, target, more, names: ['text', 'next'] })
}

async function partsOf<Item>(subset: Subset<Item>): Promise<TextParts> {
  const read = async (i: number) => {
    const [ids] = await subset.sample(i, { split: 1, random: new Random(0, 'text', i) })
    return (ids as NdArray<'int32'>).data
  }
  return { lens: await measured(subset), read, id: (i) => subset.id(i) }
}

/** The vocabulary of the texts of loaders: what another set of loaders is given as `vocab`. */
export function textVocab(dls: { readonly datasets: Datasets<never> }): readonly string[] {
  return vocabIn(dls.datasets.pipelines as unknown as readonly Pipeline<unknown>[])
}

function vocabIn<Item>(pipelines: readonly Pipeline<Item>[]): readonly string[] {
  const step = pipelines[0]?.transforms.find((t) => t instanceof Numericalize)
  if (step instanceof Numericalize) return step.vocab
  throw new EspalierError('text/vocab', 'these data loaders have no vocabulary of texts', {
    fix: 'make their first block a textBlock()',
  })
}

/** What divides the texts of loaders into tokens, and puts them together. */
export function tokenizerOf(dls: {
  readonly datasets: Datasets<never>
}): Pick<TextTokenizer, 'begins' | 'join'> {
  const steps = dls.datasets.pipelines[0]?.transforms as readonly unknown[] | undefined
  const step = steps?.find((t) => t instanceof Tokenize)
  return step instanceof Tokenize ? step.processor.tok : {}
}

/** The ids of a text that is not in the loaders, prepared as theirs are. */
export function encodeText(dls: { readonly datasets: Datasets<never> }, text: string): Int32Array {
  const pipeline = dls.datasets.pipelines[0] as unknown as Pipeline<unknown, NdArray<'int32'>>
  const made = pipeline.from(pipeline.entryOf(text)).encode(text, { split: 1, random: new Random(0, 'text') })
  if (!(made instanceof Promise)) return made.data
  throw new EspalierError('text/encode', 'the steps of this text block are not synchronous')
}
