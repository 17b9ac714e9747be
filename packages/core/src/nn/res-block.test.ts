import { beforeAll, describe, expect, it } from 'vitest'
import { drawn, expectSlopes, numbers, run, shake } from '../../test/expect-slopes.js'
import { useEngine } from '../engine/engine.js'
import * as tf from '../engine/tf.js'
import { type BlockKind, resBlock, seBlock, separableBlock, seResNeXtBlock } from './block-kinds.js'
import { BlurPool2d } from './blur-pool2d.js'
import { Mish } from './mish.js'
import type { ResBlockOptions } from './res-block.js'

beforeAll(async () => {
  await useEngine('cpu')
})

describe('ResBlock', () => {
  it('begins as the ReLU of its shortcut', () => {
    using block = resBlock(1, 4, 4)
    tf.tidy(() => {
      const x = drawn([2, 3, 3, 4])
      const got = numbers(run(block, x))
      const want = numbers(tf.relu(tf.add(x, 1e-3))) // The last norm of fastai begins at weight 0 and bias 1e-3.
      expect(Math.max(...got.map((v, i) => Math.abs(v - want[i]!)))).toBeLessThan(1e-6)
    })
  })

  it.each<[string, BlockKind, number, ResBlockOptions]>([
    ['two convolutions', resBlock, 1, { stride: 2 }],
    ['three, after the pool', resBlock, 4, { stride: 2, poolFirst: false, ks: 5 }],
    ['Mish and attention', resBlock, 1, { act: () => new Mish(), sa: true }],
    ['blurring', resBlock, 1, { stride: 2, antiAlias: true, pool: (by) => new BlurPool2d(by) }],
    ['instance norm', resBlock, 4, { normType: 'instance', stride: 2 }],
    ['seBlock', seBlock, 1, { stride: 2 }],
    ['seResNeXtBlock', seResNeXtBlock, 4, { groups: 2, reduction: 2 }],
    ['separableBlock', separableBlock, 1, { reduction: 2 }],
  ])('%s: has the gradient that finite differences find', (_, kind, expansion, options) => {
    using block = kind(expansion, 4, 16, options)
    shake(block, 0.2)
    block.eval()
    expectSlopes(block, [2, 5, 6, 4 * expansion], 3e-3)
    const { stride = 1 } = options
    tf.tidy(() => {
      const y = run(block, drawn([1, 5, 6, 4 * expansion]))
      expect(y.shape).toEqual([1, Math.ceil(5 / stride), Math.ceil(6 / stride), 16 * expansion])
    })
  })
})
