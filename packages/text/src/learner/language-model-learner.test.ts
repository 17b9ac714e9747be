import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { accuracy, perplexity, stateDict, useEngine } from '@espalier/core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { countingLoaders, rhymeWords, tiny, toyVocab } from '../../test/toy-lm.js'
import {
  awdLstm,
  LanguageModelLearner,
  type LanguageModelLearnerOptions,
  languageModelLearner,
  loadLanguageModel,
  loadLearner,
  type SequentialRnn,
  specialTokens,
} from '../index.js'

const make = (options: LanguageModelLearnerOptions = {}, loaders = countingLoaders()) =>
  languageModelLearner(loaders, awdLstm, {
    config: { ...awdLstm.configLm, ...tiny },
    dropMult: 0.1,
    verbose: false,
    ...options,
  })

let dir = ''
beforeAll(async () => {
  await useEngine('cpu')
  dir = await mkdtemp(join(tmpdir(), 'espalier-lm-'))
})
afterAll(() => rm(dir, { recursive: true, force: true }))

async function all(pieces: AsyncIterable<string>): Promise<string[]> {
  const found: string[] = []
  for await (const piece of pieces) found.push(piece)
  return found
}

describe('a language model that has learned to count', () => {
  let learn: LanguageModelLearner
  beforeAll(async () => {
    learn = await make({ metrics: [accuracy, perplexity()], alpha: 0, beta: 0, dropMult: 0 })
    await learn.fitOneCycle(8, 5e-2)
  })
  afterAll(() => learn[Symbol.dispose]())

  it('predicts what comes next, and its perplexity says so', async () => {
    const measured = await learn.validate()
    expect(measured['accuracy']).toBeGreaterThan(0.9)
    expect(measured['perplexity']).toBeCloseTo(Math.exp(measured['valid_loss']!), 4)
    expect(measured['perplexity']).toBeLessThan(2)
  })

  it('goes on with a text, without the text, a word at a time', async () => {
    const said = await all(learn.generate('one two three', { words: 6, temperature: 0 }))
    expect(said).toEqual([' four', ' five', ' six', ' seven', ' eight', ' one'])
    const again = await all(learn.generate('one two three', { words: 6, temperature: 0.7, seed: 3 }))
    expect(await all(learn.generate('one two three', { words: 6, temperature: 0.7, seed: 3 }))).toEqual(again)
    const next = await learn.predict('one two three', { words: 2, temperature: 0 })
    expect(next).toMatchObject({ token: 'four', text: 'one two three four five' })
    await expect(learn.predict('one', 20 as never)).rejects.toThrow('say predict({ words: … })')
  })

  it('reads every token once', async () => {
    let read = 0
    const { model } = learn
    const forward = model.forward.bind(model)
    model.forward = (words) => {
      read += words.size
      return forward(words)
    }
    await all(learn.generate('one two three', { words: 20 }))
    model.forward = forward
    expect(read).toBe(3 + 19)
  })

  it('says no row of words twice, and only what is likely enough', async () => {
    const said = await all(learn.generate('one', { words: 12, temperature: 0, noRepeat: 2 }))
    const pairs = ['one', ...said.map((w) => w.trim())].slice(0, -1).map((w, i) => w + said[i])
    expect(new Set(pairs).size).toBe(pairs.length)
    const likely = await all(learn.generate('one two', { words: 3, minP: 0.5, temperature: 5 }))
    expect(likely).toEqual([' three', ' four', ' five'])
    expect(await all(learn.generate('one two', { words: 3, topK: 1, temperature: 5 }))).toEqual(likely)
    expect(await all(learn.generate('one two', { words: 3, topP: 0.2, temperature: 5 }))).toEqual(likely)
    await expect(all(learn.generate('one', { topP: 2 }))).rejects.toThrow(
      /topP must be above 0 and at most 1/,
    )
  })

  it('is the same after export, for prediction and generation', async () => {
    const folder = join(dir, 'lm')
    await learn.export(folder)
    const wanted = (await learn.getPreds()).preds
    using loaded = await loadLearner(folder)
    expect(loaded).toBeInstanceOf(LanguageModelLearner)
    const said = await all(
      (loaded as unknown as LanguageModelLearner).generate('one two', { words: 3, temperature: 0 }),
    )
    expect(said).toEqual([' three', ' four', ' five'])
    const got = stateDict(loaded.model)
    for (const [name, { data }] of stateDict(learn.model)) expect(got.get(name)!.data).toEqual(data)
    expect(wanted.shape).toEqual([4, 8, toyVocab.length])
  })

  it('hands its encoder and vocabulary on; words are matched, sizes and strangers refused', async () => {
    const file = await learn.saveEncoder(join(dir, 'encoder'))
    using same = await make({ pretrained: file })
    const table = (m: SequentialRnn) => stateDict(m).get('0.encoder.weight')!.data as Float32Array
    expect(table(same.model)).toEqual(table(learn.model))
    expect(same.opt.frozenIdx).toBe(1)

    const vocab = [...specialTokens, ...[...rhymeWords].reverse(), 'nine']
    using other = await make({}, countingLoaders({ vocab }))
    const report = await other.loadEncoder(file)
    expect(report).toEqual({ known: toyVocab.length, words: vocab.length })
    const row = (m: SequentialRnn, i: number) => table(m).slice(i * 16, i * 16 + 16)
    expect(row(other.model, vocab.indexOf('two'))).toEqual(row(learn.model, toyVocab.indexOf('two')))

    using strange = await make(
      {},
      countingLoaders({ vocab: [...rhymeWords, ...specialTokens.map((t) => `${t}2`), 'a', 'b'] }),
    )
    await expect(strange.loadEncoder(file)).rejects.toThrow(/which has 8 of the 19 words/)
    await expect(other.loadEncoder(file, { vocab: 'same' })).rejects.toThrow(/another vocabulary/)
    using wide = await make({ config: { ...awdLstm.configLm, ...tiny, embSz: 12 } })
    await expect(wide.loadEncoder(file)).rejects.toThrow(/embSz: 16, nHid: 16, nLayers: 1/)
  })

  it('reads weights of fastai, torch file and vocabulary apart', async () => {
    const weights = await learn.save(join(dir, 'plain'), { withOpt: false })
    const vocab = join(dir, 'vocab.json')
    await writeFile(vocab, JSON.stringify(toyVocab))
    using other = await make({ pretrained: { weights, vocab } })
    expect(await all(other.generate('one two', { words: 2, temperature: 0 }))).toEqual([' three', ' four'])
    await expect(loadLanguageModel(other, { weights, vocab: toyVocab.slice(1) })).rejects.toThrow(
      /17 words, its vocabulary 16/,
    )
    using bigger = await make({}, countingLoaders({ vocab: [...toyVocab, 'nine'] }))
    await expect(loadLanguageModel(bigger, weights)).rejects.toThrow(
      /does not say which words its 17 rows are/,
    )
    expect((await readFile(weights)).length).toBeGreaterThan(0)
  })
})

it('goes on in the middle of an epoch as if nothing had happened, state included', async () => {
  const run = join(dir, 'run')
  const fitted = async (options: object) => {
    const learn = await make({ dropMult: 1, lr: 1e-2 })
    try {
      await learn.fit(2, 1e-2, options)
    } catch (error) {
      learn[Symbol.dispose]()
      throw error
    }
    const weights = [...stateDict(learn.model).values()].map((w) => w.data)
    const losses = [...learn.recorder.losses]
    learn[Symbol.dispose]()
    return { weights, losses }
  }
  const whole = await fitted({})
  const kill = {
    name: 'kill',
    order: -99,
    afterBatch({ learn, training }: { learn: { run: { step: number } }; training: boolean }) {
      if (training && learn.run.step === 12) throw new Error('killed')
    },
  }
  const checkpoint = { dir: run, everySteps: 3 }
  await expect(fitted({ checkpoint, cbs: [kill] })).rejects.toThrow(/killed/)
  const resumed = await fitted({ checkpoint, resume: { allow: ['callbacks'] } })
  expect(resumed).toEqual(whole)
})
