import { record, tf, useEngine } from '@espalier/core'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { int2d, someTokens } from '../../test/toy-lm.js'
import { awdLstm } from '../models/archs.js'
import { getTextClassifier } from '../models/get-text-classifier.js'
import { SentenceEncoder } from './sentence-encoder.js'
import type { SequentialRnn } from './sequential-rnn.js'

const lengths = [23, 17, 12, 9, 3]
const texts = someTokens(5, 23, 30).map((row, i) => row.slice(0, lengths[i]))
const pads = (n: number) => new Array<number>(n).fill(1)
const max = (a: tf.Tensor, b: tf.Tensor) => tf.max(tf.abs(tf.sub(a, b))).dataSync()[0]!

/** Padding in whole chunks in front, the rest behind. */
function batch(rows: readonly (readonly number[])[], bptt: number, length = Math.ceil(23 / bptt) * bptt) {
  return int2d(
    rows.map((row) => {
      const before = Math.floor((length - row.length) / bptt) * bptt
      return [...pads(before), ...row, ...pads(length - before - row.length)]
    }),
  )
}

describe('a classifier of texts', () => {
  let model: SequentialRnn
  const config = { embSz: 6, nHid: 8, nLayers: 2 }
  const make = (bptt: number, maxLen: number | null = null) => {
    const other = getTextClassifier(awdLstm, 30, 2, { config, seqLen: bptt, maxLen })
    const values = [...model.weights()].map((w) => w.variable)
    for (const [i, w] of [...other.weights()].entries()) w.variable.assign(values[i]!)
    return other.eval() as SequentialRnn
  }
  beforeAll(async () => {
    await useEngine('cpu')
    model = getTextClassifier(awdLstm, 30, 2, { config, seqLen: 5, maxLen: null }).eval()
  })
  afterAll(() => model[Symbol.dispose]())

  afterEach(() => model.reset())

  it('says the same whatever the size of its chunks', () => {
    tf.tidy(() => {
      const whole = model.forward(batch(texts, 5))
      for (const bptt of [1, 4, 7, 64]) {
        using other = make(bptt)
        expect(max(other.forward(batch(texts, bptt)), whole), `bptt ${bptt}`).toBeLessThan(1e-5)
      }
    })
  })

  it('says the same whatever else is in the batch, in whatever order, and however it is padded', () => {
    tf.tidy(() => {
      const whole = model.forward(batch(texts, 5))
      for (const [i, text] of texts.entries()) {
        const wanted = tf.slice(whole, [i, 0], [1, 2])
        const same = (words: readonly number[]) =>
          expect(max(model.forward(int2d([words])), wanted)).toBeLessThan(1e-5)
        same(text)
        same([...pads(10), ...text])
        same([...pads(3), ...text])
        same([...text, ...pads(13)])
        same([...pads(4), ...text, ...pads(1)])
      }
      const turned = model.forward(batch([...texts].reverse(), 5))
      expect(max(tf.reverse(turned, 0), whole)).toBeLessThan(1e-5)
      // As fastai pads, to the longest: text and padding end in the middle of a chunk.
      expect(max(model.forward(batch(texts, 5, 23)), whole)).toBeLessThan(1e-5)
    })
  })

  it('keeps the end of a text, in whole chunks, when it is too long', () => {
    using short = make(5, 8)
    tf.tidy(() => {
      const { output, mask } = (short.encoder as SentenceEncoder).forward(batch(texts, 5))
      const all = (model.encoder as SentenceEncoder).forward(batch(texts, 5))
      expect(output.shape).toEqual([5, 5, 6])
      expect(max(output, tf.slice(all.output, [0, 20, 0]))).toBeLessThan(1e-6)
      expect(mask.arraySync()).toEqual(tf.slice(all.mask, [0, 20]).arraySync())
    })
  })

  it('has a gradient in every weight, and zeros for a text without a token', () => {
    model.train()
    tf.tidy(() => {
      const params = model.parameters()
      const { result, tape } = record(() => tf.mean(tf.square(model.forward(batch([...texts, []], 5)))))
      const grads = tape.backward(result, params)
      expect(grads.every((g) => g && tf.sum(tf.abs(g)).dataSync()[0]! > 0)).toBe(true)
      const { output } = (model.encoder as SentenceEncoder).forward(batch([texts[0]!, []], 5))
      expect(tf.max(tf.abs(tf.slice(output, [1, 0, 0]))).dataSync()[0]).toBe(0)
    })
    model.eval()
  })

  it('refuses lengths that are none', () => {
    expect(() => new SentenceEncoder({} as never, { bptt: 0 })).toThrow(/bptt must be a whole number ≥ 1/)
    expect(() => new SentenceEncoder({} as never, { maxLen: -1 })).toThrow(/maxLen must be/)
  })
})

it('memory depends on what is kept, not on the length of a text', async () => {
  await useEngine('cpu')
  using model = getTextClassifier(awdLstm, 30, 2, {
    config: { embSz: 4, nHid: 6, nLayers: 1 },
    seqLen: 20,
    maxLen: 100,
  })
  const bytesFor = (length: number) =>
    tf.tidy(() => {
      const words = int2d(someTokens(2, length, 30))
      const before = tf.memory().numBytes
      const { tape } = record(() => tf.sum(model.forward(words)))
      using _ = tape
      return tf.memory().numBytes - before
    })
  const [some, many] = [bytesFor(140), bytesFor(1000)]
  expect(many / some).toBeLessThan(1.3)
})
