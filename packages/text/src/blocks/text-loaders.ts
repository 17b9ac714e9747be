import {
  type AnyBlock,
  type ArraysOf,
  type CardTable,
  type DataBlock,
  DataLoaders,
  type Dataset,
  Datasets,
  EspalierError,
  isNdArray,
  type LoaderOptions,
  type NdArray,
  type Pipeline,
  type PredictionOf,
  Random,
  type Subset,
} from '@espalier/data'
import { LMDataLoader, type LmArrays } from '../load/lm-data-loader.js'
import { measured, SortedDL } from '../load/sorted-dl.js'
import type { TextParts } from '../load/text-stream.js'
import { Numericalize } from '../numericalize/numericalize.js'
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
  const dsets = (await block.datasets(source)) as unknown as Datasets<Item>
  const steps = { itemTfms: block.itemTfms, beforeBatch: block.beforeBatch, batchTfms: block.batchTfms }
  const names = block.spec.blocks.map((b: AnyBlock) => b.name)
  const dls = text.isLm
    ? lmLoaders(dsets, { ...loading, ...steps, seqLen, vocab: vocabIn(dsets.pipelines) })
    : sortedLoaders(DataLoaders.fromDsets<Item>(dsets, { ...loading, ...steps, names }))
  return (await dls) as TextLoadersOf<Bs>
}

/** The same loaders, each with texts of about one length together. */
async function sortedLoaders<A extends readonly NdArray[], P, S>(
  dls: DataLoaders<A, P, S>,
): Promise<DataLoaders<A, P, S>> {
  const [train, valid, ...more] = await Promise.all(
    dls.loaders.map(async ({ dataset, options }) => {
      return new SortedDL<A>(fingerprinted(dataset), { ...options, lens: await measured(dataset) })
    }),
  )
  return new DataLoaders<A, P, S>(train!, valid!, { ...dls.options, more })
}

/** The same data set; what tells it from others are the ids of its texts and their targets. */
function fingerprinted(dataset: Dataset): Dataset {
  return Object.assign(dataset, {
    async *fingerprint(): AsyncGenerator<Uint8Array> {
      for (let i = 0; i < dataset.length; i++) {
        const sample = await dataset.sample(i, { split: 1, random: new Random(0, 'text', i) })
        for (const element of sample) {
          if (!isNdArray(element)) continue
          const { buffer, byteOffset, byteLength } = element.data
          yield new Uint8Array(buffer, byteOffset, byteLength)
        }
      }
    },
  })
}

interface LmOptions<Item> extends LoaderOptions<Item> {
  readonly seqLen: number
  readonly vocab: readonly string[]
}

async function lmLoaders<Item>(dsets: Datasets<Item>, options: LmOptions<Item>): Promise<LmDataLoaders> {
  const { seqLen, vocab, bs = 64, valBs = bs, shuffle = true, valShuffle = false, ...rest } = options
  const { dropLast: _, order: __, weights: ___, ...loading } = rest
  const [train, valid, ...more] = await Promise.all(
    dsets.splits.map(async (_, i) => {
      const split = i === 0 ? { bs, shuffle, split: 0 } : { bs: valBs, shuffle: valShuffle, split: 1 }
      return new LMDataLoader(await partsOf(dsets.subset(i)), { ...loading, ...split, seqLen })
    }),
  )
  // What comes next is shown as the text is.
  const text = dsets.pipelines[0] as unknown as Pipeline<never>
  const datasets = new Datasets<never>(dsets.items as never, [text, text], dsets.splits, 1)
  const target = new NextToken({ vocab })
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

/** The ids of a text that is not in the loaders, prepared as theirs are. */
export function encodeText(dls: { readonly datasets: Datasets<never> }, text: string): Int32Array {
  const pipeline = dls.datasets.pipelines[0] as unknown as Pipeline<unknown, NdArray<'int32'>>
  const made = pipeline.from(pipeline.entryOf(text)).encode(text, { split: 1, random: new Random(0, 'text') })
  if (!(made instanceof Promise)) return made.data
  throw new EspalierError('text/encode', 'the steps of this text block are not synchronous')
}
