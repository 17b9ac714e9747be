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
  /** How many of the 5,000 reviews to learn from are read, and as many to be tested on. */
  readonly reviews?: number
}

const bs = 16
/** The last group at a rate, each before it at less. */
const falling = (top: number) => lrSlice(top / 2.6 ** 4, top)

/**
 * ULMFiT on 10,000 reviews: a language model of all of them, a classifier on top of its encoder, thawed group by group,
 * and the same classifier from scratch for as many epochs. parity.py does the same with fastai.
 */
export async function imdb({ data, seed, reviews = 5000 }: ImdbOptions): Promise<Found & Learned> {
  const [train, test] = await Promise.all(
    ['train', 'test'].map((part) => reviewsIn(join(data, 'imdb', part), reviews)),
  )
  const scratch = await mkdtemp(join(tmpdir(), 'espalier-imdb-'))
  try {
    const encoder = join(scratch, 'encoder.safetensors')
    const language = await languageModel([...train!, ...test!], { seed, encoder })
    const rows = [...train!, ...test!]
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
    await learn.fitOneCycle(1, 2e-2)
    learn.freezeTo(-2)
    await learn.fitOneCycle(1, falling(1e-2))
    learn.unfreeze()
    await learn.fitOneCycle(2, falling(5e-3), { cbs: [timer] })
    using alone = await make()
    alone.unfreeze()
    await alone.fitOneCycle(4, 5e-3)
    const [loss, score] = ending(learn)
    return {
      ...summarizeSteps(timer.steps, 1, bs),
      items: 'docs',
      first_step_s: timer.first,
      loss,
      accuracy: score,
      scratch: ending(alone)[1],
      perplexity: language.perplexity,
    }
  } finally {
    await rm(scratch, { recursive: true, force: true })
  }
}

/** How good a classifier on a language model is, one from scratch, and the language model. */
interface Learned {
  readonly loss: number
  readonly accuracy: number
  readonly scratch: number
  readonly perplexity: number
}

/** Two epochs on nine of ten reviews, whatever their labels. */
async function languageModel(rows: readonly Review[], { seed, encoder }: { seed: number; encoder: string }) {
  const splitter = indexSplitter(rows.flatMap((_, i) => (i % 10 === 0 ? [i] : [])))
  const dls = await TextDataLoaders.fromDf(rows, { isLm: true, bs: 64, splitter, maxVocab: 8000, seed })
  using learn = await languageModelLearner(dls, awdLstm, {
    config: { ...awdLstm.configLm, ...textSizes.small },
    dropMult: 0.3,
    metrics: [perplexity()],
    seed,
    verbose: false,
  })
  await learn.fitOneCycle(2, 8e-3)
  await learn.saveEncoder(encoder)
  return { vocab: dls.vocab, perplexity: learn.recorder.values.at(-1)?.[2] ?? Number.NaN }
}

function ending({ recorder }: Learner): readonly [loss: number, accuracy: number] {
  const [, loss = Number.NaN, accuracy = Number.NaN] = recorder.values.at(-1) ?? []
  return [loss, accuracy]
}
