import { beforeAll, expect, it } from 'vitest'
import { useEngine } from '../engine/engine.js'
import * as tf from '../engine/tf.js'
import { param } from '../nn/module.js'
import { sgd } from './alias.js'

beforeAll(async () => {
  await useEngine('cpu')
})

it('what rests does not train, in whichever group, norm layers too', () => {
  const all = [1, 2, 3].map((v) => param(tf.scalar(v)))
  const [a, b, c] = all as [tf.Variable, tf.Variable, tf.Variable]
  {
    using opt = sgd({ mom: 0, wd: 0 })([[a, b], [c]], 0.5)
    opt.forceTrain.add(b)
    for (const p of [b, c]) opt.resting.add(p)
    expect(opt.trainable).toEqual([a])
    const grads = new Map(all.map((p) => [p, tf.scalar(1)] as const))
    opt.step(grads)
    expect(all.map((p) => p.dataSync()[0])).toEqual([0.5, 2, 3])
    opt.resting.clear()
    opt.step(grads)
    expect(all.map((p) => p.dataSync()[0])).toEqual([0, 1.5, 2.5])
    for (const g of grads.values()) g.dispose()
  }
  for (const p of all) p.dispose()
})
