import { record, tf, useEngine } from '@espalier/core'
import { beforeAll, describe, expect, it } from 'vitest'
import { int2d, someTokens } from '../../test/toy-lm.js'
import { awdQrnn } from '../models/archs.js'
import { getLanguageModel } from '../models/get-language-model.js'
import { Qrnn } from './qrnn.js'

beforeAll(async () => {
  await useEngine('cpu')
})

describe('Qrnn', () => {
  it('keeps a running mean of what its gates let in', () => {
    using layer = new Qrnn(1, 1)
    tf.tidy(() => {
      layer.weight.assign(tf.tensor2d([[1, 0, 0]]))
      layer.bias.assign(tf.tensor1d([0, Math.log(3), 50])) // f = 3/4, o = 1
      const { y, states } = layer.forward(tf.tensor3d([[[1], [2], [-1]]]), layer.start(1))
      let c = 0
      const cells = [1, 2, -1].map((x) => {
        c = 0.75 * c + 0.25 * Math.tanh(x)
        return c
      })
      expect([...y.dataSync()]).toEqual(cells.map((cell) => expect.closeTo(cell, 6)))
      expect(states[0]!.c.dataSync()[0]).toBeCloseTo(cells[2]!, 6)
    })
  })

  it('makes language models whose state goes on and whose weights all learn', () => {
    const config = { embSz: 6, nHid: 8, nLayers: 2, bidir: false }
    using model = getLanguageModel(awdQrnn, 20, { config, dropMult: 0 })
    tf.tidy(() => {
      const rows = someTokens(2, 6, 20)
      const part = (from: number, to: number) => model.forward(int2d(rows.map((r) => r.slice(from, to))))
      const whole = part(0, 6)
      model.reset()
      const parts = tf.concat([part(0, 2), part(2, 6)], 1)
      expect(tf.max(tf.abs(tf.sub(whole, parts))).dataSync()[0]).toBeLessThan(1e-6)
      const { result, tape } = record(() => tf.mean(tf.square(model.forward(int2d(rows)))))
      const grads = tape.backward(result, model.parameters())
      expect(grads.every((g) => g && tf.sum(tf.abs(g)).dataSync()[0]! > 0)).toBe(true)
    })
    expect(String(model)).toContain('QRNN(6, 8)')
  })
})
