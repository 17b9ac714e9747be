import { beforeAll, expect, it } from 'vitest'
import { Mlp, toyLoaders } from '../../test/toy.js'
import { useEngine } from '../engine/engine.js'
import type * as tf from '../engine/tf.js'
import { Learner } from '../learner/learner.js'
import { Module } from '../nn/module.js'
import { modelResetter } from './model-resetter.js'

beforeAll(async () => {
  await useEngine('cpu')
})

it('modelResetter lets every module forget that can', async () => {
  const heard: string[] = []
  class Carrying extends Module<[tf.Tensor2D], tf.Tensor2D> {
    readonly inner = new Mlp()
    forward(x: tf.Tensor2D): tf.Tensor2D {
      heard.push(this.training ? 'train' : 'valid')
      return this.inner.forward(x)
    }
    override reset(): void {
      heard.push('reset')
    }
  }
  const dls = await toyLoaders({ train: 8, valid: 8 })
  using learn = new Learner(dls, new Carrying(), { verbose: false, cbs: [modelResetter()] })
  await learn.fit(1)
  expect(heard).toEqual(['reset', 'reset', 'train', 'reset', 'valid', 'reset'])
})
