import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { accuracy, useEngine } from '@espalier/core'
import type { CategoryPrediction } from '@espalier/data'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  attributeText,
  averagePreds,
  awdLstm,
  languageModelLearner,
  loadLearner,
  TextDataLoaders,
  textClassifierLearner,
  textVocab,
} from '../index.js'

const good = ['a lovely film', 'i loved this', 'what a fine fine story', 'truly lovely and fine']
const bad = ['a dull film', 'i hated this', 'what a poor poor story', 'truly dull and poor']
const rows = Array.from({ length: 64 }, (_, i) => ({
  text: `${(i % 2 === 0 ? good : bad)[(i >> 1) % 4]} ${'so it goes '.repeat(i % 5)}`,
  label: i % 2 === 0 ? 'pos' : 'neg',
}))
const config = { ...awdLstm.configClas, embSz: 12, nHid: 16, nLayers: 1 }
const load = (backwards = false) =>
  TextDataLoaders.fromDf(rows, { bs: 8, seqLen: 6, minFreq: 1, backwards, seed: 3 })

let dir = ''
beforeAll(async () => {
  await useEngine('cpu')
  dir = await mkdtemp(join(tmpdir(), 'espalier-clas-'))
})
afterAll(() => rm(dir, { recursive: true, force: true }))

describe('textClassifierLearner', () => {
  it('learns, is frozen and thawed by groups, and is the same after export', async () => {
    const options = { config, dropMult: 0.2, seqLen: 6, maxLen: 60, metrics: [accuracy], verbose: false }
    using learn = await textClassifierLearner(await load(), awdLstm, options)
    expect(learn.opt.groups.length).toBe(3)
    await learn.fitOneCycle(10, 3e-2)
    expect((await learn.validate())['accuracy']).toBe(1)
    const said = await learn.predict('i loved this fine story')
    expect(said.label).toBe('pos')
    const alone = await learn.predictBatch(['so dull', 'a lovely film so it goes so it goes'])
    expect(alone.map((p) => p.label)).toEqual(['neg', 'pos'])

    const { tokens, weights, target, text } = await attributeText(learn, 'i loved this story')
    expect([tokens.slice(-4), target]).toEqual([['i', 'loved', 'this', 'story'], 'pos'])
    expect(Math.max(...weights.map(Math.abs))).toBe(1)
    const against = await attributeText(learn, 'i loved this story', { target: 'neg' })
    expect(against.weights[tokens.indexOf('loved')]! * weights[tokens.indexOf('loved')]!).toBeLessThan(0)
    const attention = await attributeText(learn, 'i loved this story', { method: 'attention' })
    expect(Math.min(...attention.weights)).toBeGreaterThanOrEqual(0)
    expect(text.toHTML()).toContain('>loved</span>')
    expect(String(text)).toContain('48;2;')
    await expect(attributeText(learn, 'so', { target: 'other' })).rejects.toThrow(/one of neg, pos/)

    const folder = join(dir, 'reviews')
    await learn.export(folder)
    using loaded = await loadLearner<CategoryPrediction>(folder)
    const again = await loaded.predict('i loved this fine story')
    expect([...again.probabilities]).toEqual([...said.probabilities])

    // The encoder goes into another classifier, which begins frozen.
    const file = await learn.saveEncoder(join(dir, 'encoder'))
    using next = await textClassifierLearner(await load(), awdLstm, { ...options, pretrained: file })
    expect(next.opt.frozenIdx).toBe(2)
    await next.fit(1, 1e-2)
    const words = (l: typeof learn) => [...l.model.weights()][0]!.variable.dataSync()
    expect(words(next)).toEqual(words(learn))
    expect(textVocab(learn.dls as never)).toEqual(textVocab(next.dls as never))
  })

  it('averages a forward and a backward model', async () => {
    const options = { config, seqLen: 6, verbose: false }
    using forward = await textClassifierLearner(await load(), awdLstm, options)
    using backward = await textClassifierLearner(await load(true), awdLstm, { ...options, seed: 5 })
    const [a, b] = [await forward.getPreds(), await backward.getPreds()]
    const { preds, targets } = await averagePreds([forward, backward])
    expect(targets![0]!.data).toEqual(a.targets![0]!.data)
    expect([...preds.data].map((v, i) => v - (a.preds.data[i]! + b.preds.data[i]!) / 2)).toEqual(
      [...preds.data].map(() => expect.closeTo(0, 6)),
    )
    await expect(averagePreds([])).rejects.toThrow(/at least one/)
  })

  it('refuses a stream, as a language model refuses texts one by one', async () => {
    const stream = await TextDataLoaders.fromDf(rows, { isLm: true, bs: 4, seqLen: 6, minFreq: 1 })
    await expect(textClassifierLearner(stream as never, awdLstm, { config })).rejects.toThrow(
      'make them without isLm, or a learner with languageModelLearner',
    )
    await expect(languageModelLearner((await load()) as never, awdLstm)).rejects.toThrow(
      'make them with isLm: true, or a learner with textClassifierLearner',
    )
  })

  it('says what is wrong with its options', async () => {
    const dls = await load()
    await expect(textClassifierLearner(dls, awdLstm, { config, ps: [0.1, 0.2] })).rejects.toThrow(
      /as many dropout/,
    )
    await expect(textClassifierLearner(dls, awdLstm, { drop: 1 } as never)).rejects.toThrow(
      /no option 'drop'/,
    )
    await expect(textClassifierLearner(dls, awdLstm, { config: { nHidden: 3 } as never })).rejects.toThrow(
      /nHidden/,
    )
  })
})
