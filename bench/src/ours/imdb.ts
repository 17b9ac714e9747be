import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { accuracy, type Learner, lrSlice, perplexity } from '@espalier/core'
import { indexSplitter } from '@espalier/data'
import { awdLstm, languageModelLearner, TextDataLoaders, textClassifierLearner } from '@espalier/text'
import { summarizeSteps } from '../statistics.js'
import { textSizes } from './lm-step.js'
import { type Review, reviewsIn } from './reviews.js'
import { StepTimer } from './step-timer.js'
import type { Found } from './work.js'

/** Where the reviews are, and how a run differs from others. */
export interface ImdbOptions {
  /** The folder of the data that the peers read. */
  readonly data: string
  readonly seed: number
  /** How long the language model learns. Default 4 epochs. */
  readonly lmEpochs?: number
  /** Whether the same classifier is trained from scratch too. Default true. */
  readonly scratch?: boolean
}

const bs = 16

/**
 * ULMFiT on 10,000 reviews: a language model of all of them, a classifier on top of its encoder, its head first, and the
 * same classifier from scratch for as many epochs. parity.py does the same with fastai.
 */
export async function imdb(options: ImdbOptions): Promise<Found & Learned> {
  const { data, seed, lmEpochs = 4, scratch = true } = options
  const [train, test] = await Promise.all(
    ['train', 'test'].map((part) => reviewsIn(join(data, 'imdb', part), 5000)),
  )
  const rows = [...train!, ...test!]
  const folder = await mkdtemp(join(tmpdir(), 'espalier-imdb-'))
  try {
    const encoder = join(folder, 'encoder.safetensors')
    const language = await languageModel(rows, { seed, encoder, epochs: lmEpochs })
    const splitter = indexSplitter(test!.map((_, i) => train!.length + i))
    const dls = await TextDataLoaders.fromDf(rows, { bs, valBs: 64, splitter, vocab: language.vocab, seed })
    const make = () =>
      textClassifierLearner(dls, awdLstm, {
        config: { ...awdLstm.configClas, ...textSizes.small },
        metrics: [accuracy],
        seed,
        verbose: false,
      })
    using learn = await make()
    await learn.loadEncoder(encoder)
    const timer = new StepTimer()
    learn.freeze()
    await learn.fitOneCycle(1, 1e-2)
    learn.unfreeze()
    await learn.fitOneCycle(3, lrSlice(5e-3 / 2.6, 5e-3), { cbs: [timer] })
    const alone = async () => {
      using learn = await make()
      await learn.fitOneCycle(4, 5e-3)
      return ending(learn)[1]
    }
    const [loss, score] = ending(learn)
    return {
      ...summarizeSteps(timer.steps, 1, bs),
      items: 'docs',
      first_step_s: timer.first,
      loss,
      accuracy: score,
      ...(scratch && { scratch: await alone() }),
      perplexity: language.perplexity,
    }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** How good a classifier on a language model is, one from scratch, and the language model. */
interface Learned {
  readonly loss: number
  readonly accuracy: number
  readonly scratch?: number
  readonly perplexity: number
}

/** What language is like in nineteen of twenty reviews, whatever their labels. */
async function languageModel(
  rows: readonly Review[],
  { seed, encoder, epochs }: { readonly seed: number; readonly encoder: string; readonly epochs: number },
) {
  const splitter = indexSplitter(rows.flatMap((_, i) => (i % 20 === 0 ? [i] : [])))
  const dls = await TextDataLoaders.fromDf(rows, { isLm: true, bs: 64, splitter, maxVocab: 8000, seed })
  using learn = await languageModelLearner(dls, awdLstm, {
    config: { ...awdLstm.configLm, ...textSizes.small },
    dropMult: 0.3,
    metrics: [perplexity()],
    seed,
    verbose: false,
  })
  await learn.fitOneCycle(epochs, 1e-2)
  await learn.saveEncoder(encoder)
  return { vocab: dls.vocab, perplexity: learn.recorder.values.at(-1)?.[2] ?? Number.NaN }
}

function ending({ recorder }: Learner): readonly [loss: number, accuracy: number] {
  const [, loss = Number.NaN, accuracy = Number.NaN] = recorder.values.at(-1) ?? []
  return [loss, accuracy]
}
