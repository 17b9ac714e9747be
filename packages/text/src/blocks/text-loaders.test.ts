import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  type Callback,
  crossEntropyLossFlat,
  Embedding,
  Learner,
  Linear,
  loadLearner,
  Module,
  registerPart,
  stateDict,
  tf,
  useEngine,
  withSeed,
} from '@espalier/core'
import { categoryBlock, type DataLoaders, dataBlock, type NdArray, Random } from '@espalier/data'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { measured, SortedDL } from '../load/sorted-dl.js'
import { subwordTokenizer } from '../tokenize/subwords/subword-tokenizer.js'
import { registerTextParts } from './register-text-parts.js'
import { textBlock } from './text-block.js'
import { TextDataLoaders } from './text-data-loaders.js'
import { encodeText, textVocab } from './text-loaders.js'

beforeAll(async () => {
  await useEngine('cpu')
})
const folder = mkdtempSync(join(tmpdir(), 'text-loaders-'))
afterAll(() => rmSync(folder, { recursive: true }))

const words = ['good', 'bad', 'film', 'the', 'A', 'was', 'It', 'very', 'movie', '.', '!!!']
const rows = Array.from({ length: 60 }, (_, i) => {
  const random = new Random(9, 'rows', i)
  const text = Array.from({ length: 4 + random.int(20) }, () => words[random.int(words.length)]).join(' ')
  return {
    text,
    label: (text.match(/good/g) ?? []).length > (text.match(/bad/g) ?? []).length ? 'pos' : 'neg',
  }
})

/** The mean of embeddings, or each for itself: `[b, n]` ids → `[b, c]` or `[b, n, c]`. */
class Words extends Module<[tf.Tensor], tf.Tensor> {
  readonly embedding: Embedding
  readonly out: Linear

  constructor(readonly sizes: { readonly v: number; readonly c: number; readonly each: boolean }) {
    super()
    this.embedding = new Embedding(sizes.v, 4)
    this.out = new Linear(4, sizes.c)
  }

  forward(ids: tf.Tensor): tf.Tensor {
    const found = this.embedding.forward(ids)
    if (!this.sizes.each) return this.out.forward(tf.mean(found, 1) as tf.Tensor2D)
    const [b, n] = ids.shape as [number, number]
    return this.out.forward(found.reshape([b * n, 4]) as tf.Tensor2D).reshape([b, n, this.sizes.c])
  }
}

const learner = <P>(dls: DataLoaders<readonly NdArray[], P, unknown>, each: boolean) => {
  const sizes = { v: textVocab(dls as never).length, c: dls.c, each }
  const portable = { name: 'words', toJSON: () => sizes }
  return new Learner(
    dls,
    withSeed(1, () => new Words(sizes)),
    {
      ...{ verbose: false, portable, wd: 0 },
      ...(each && { lossFunc: crossEntropyLossFlat() }),
    },
  )
}

const killAt = (step: number): Callback => ({
  name: 'kill',
  order: 99,
  afterBatch({ learn, training }) {
    if (training && learn.run.step === step) throw new Error('killed')
  },
})
const weights = (learn: ReturnType<typeof learner>) =>
  Object.values(Object.fromEntries(stateDict(learn.model))).map((t) => [...(t as NdArray).data])

describe('a data block of texts', () => {
  type Row = (typeof rows)[number]
  const block = (isLm: boolean) =>
    dataBlock({
      blocks: [textBlock({ minFreq: 1, isLm }), categoryBlock()],
      getX: (r: Row) => r.text,
      getY: (r) => r.label,
    })

  it('loads texts of about one length together', async () => {
    const dls = await block(false).dataLoaders(rows, { bs: 8 })
    expect(dls.train).toBeInstanceOf(SortedDL)
    const [longest] = (await dls.oneBatch({ valid: true })).arrays
    const lens = await measured(dls.valid.dataset)
    expect(longest.shape).toEqual([8, Math.max(...lens)])
  })

  it('says how a language model is loaded', async () => {
    await expect(block(true).dataLoaders(rows, { bs: 8 })).rejects.toThrow(
      /windows of a stream.*\n.*fromDblock/,
    )
  })
})

describe('loaders of texts in a learner', () => {
  it.each([true, false])('goes on anywhere within an epoch, isLm %s', async (isLm) => {
    const options = { minFreq: 1, bs: 4, seqLen: 8, textCol: 'text', labelCol: 'label' } as const
    const make = async () =>
      learner(
        (await TextDataLoaders.fromDf(rows, { ...options, isLm })) as DataLoaders<
          readonly NdArray[],
          unknown,
          unknown
        >,
        isLm,
      )
    using whole = await make()
    await whole.fit(2, 0.05)
    const dir = join(folder, `run-${isLm}`)
    const last = whole.run.step
    for (const step of [2, Math.floor(last / 2) + 2]) {
      using cut = await make()
      const kept = { cbs: [killAt(step)], checkpoint: { dir, everySteps: 1 }, resume: true }
      await expect(cut.fit(2, 0.05, kept)).rejects.toThrow('killed')
    }
    using resumed = await make()
    const kept = { cbs: [{ name: 'kill', order: 99 }], checkpoint: { dir, everySteps: 1 }, resume: true }
    await resumed.fit(2, 0.05, kept)
    expect(resumed.run.step).toBe(last)
    expect(weights(resumed)).toEqual(weights(whole))
    expect(resumed.recorder.losses.length).toBeGreaterThan(0)
  })

  it.each(['words', 'subwords'])('prepares texts alike after export, by %s', async (by) => {
    registerTextParts()
    registerPart('model', 'words', (sizes: Words['sizes']) => new Words(sizes))
    const tok = by === 'subwords' ? { tok: subwordTokenizer({ vocabSz: 60 }) } : {}
    const dls = await TextDataLoaders.fromDf(rows, {
      ...tok,
      minFreq: 1,
      bs: 4,
      textCol: 'text',
      labelCol: 'label',
    })
    using learn = learner(dls, false)
    await learn.export(join(folder, by))
    using loaded = await loadLearner<{ readonly probabilities: Float32Array }>(join(folder, by))
    for (const text of ['A very GOOD film!!!', '', 'zebra']) {
      expect([...encodeText(loaded.dls, text)]).toEqual([...encodeText(dls, text)])
      const [ours, theirs] = [await learn.predict(text), await loaded.predict(text)]
      expect([...theirs.probabilities]).toEqual([...(ours as typeof theirs).probabilities])
    }
  })

  it('predicts in the order of the items, whatever their lengths', async () => {
    const dls = await TextDataLoaders.fromDf(rows, { minFreq: 1, bs: 4, textCol: 'text', labelCol: 'label' })
    using learn = learner(dls, false)
    const texts = ['good', 'very very bad film it was', 'A movie']
    const { preds } = (await learn.getPreds({ dl: dls.testDl(texts) })) as { readonly preds: NdArray }
    expect(preds.shape).toEqual([3, 2])
  })

  it('cannot export a tokenizer of your own', async () => {
    const tok = { name: 'mine', split: (text: string) => text.split('|') }
    const dls = await TextDataLoaders.fromDf(rows, {
      tok,
      minFreq: 1,
      bs: 4,
      textCol: 'text',
      labelCol: 'label',
    })
    using learn = learner(dls, false)
    await expect(learn.export(join(folder, 'own'))).rejects.toThrow('a function of your own')
  })
})
