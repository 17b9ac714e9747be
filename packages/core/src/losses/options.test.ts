import { beforeAll, describe, expect, it } from 'vitest'
import { useEngine } from '../engine/engine.js'
import * as tf from '../engine/tf.js'
import { bceLossFlat } from './bce.js'
import { bceWithLogitsLossFlat } from './bce-with-logits.js'
import { crossEntropyLossFlat } from './cross-entropy.js'
import { defaultLoss, lossesByName } from './default-loss.js'
import { diceLoss } from './dice.js'
import { focalLossFlat } from './focal.js'
import { labelSmoothingCrossEntropyFlat } from './label-smoothing.js'
import type { Loss } from './loss.js'
import { l1LossFlat, mseLossFlat } from './mse.js'

beforeAll(async () => {
  await useEngine('cpu')
})

const value = (loss: Loss, pred: tf.Tensor, target: tf.Tensor) => loss(pred, target).dataSync()[0]!
const items = (loss: Loss, pred: tf.Tensor, target: tf.Tensor) => [...loss.perItem!(pred, target).dataSync()]
const ints = (values: number[], shape = [values.length]) => tf.tensor(values, shape, 'int32')

it('give the numbers of the specification on logits 2, 0.5, −1', () => {
  tf.tidy(() => {
    const [pred, target] = [tf.tensor2d([[2, 0.5, -1]]), ints([0])]
    expect(value(crossEntropyLossFlat(), pred, target)).toBeCloseTo(0.241311, 6)
    expect(value(labelSmoothingCrossEntropyFlat({ eps: 0.1 }), pred, target)).toBeCloseTo(0.391311, 6)
    expect(value(focalLossFlat({ gamma: 2 }), pred, target)).toBeCloseTo(0.011093, 6)
    expect(value(focalLossFlat({ gamma: 0 }), pred, target)).toBeCloseTo(0.241311, 6)
  })
})

const pred = () => tf.tensor2d([2, 0.5, -1, 0, 1, 0, -1, 0, 3], [3, 3])
/** −log softmax of the labels 0, 1, 2 in the rows above. */
const each = [0.241311, 0.551445, 0.065884]

describe.each<[string, (options?: object) => Loss]>([
  ['crossEntropy', crossEntropyLossFlat],
  ['labelSmoothingCrossEntropy', labelSmoothingCrossEntropyFlat],
  ['focal', focalLossFlat],
])('%s', (name, make) => {
  it('leaves out the places whose label is ignoreIndex', () => {
    tf.tidy(() => {
      const all = make()
      const kept = tf.gather(pred(), ints([0, 2]))
      for (const ignoreIndex of [-100, 7]) {
        const loss = make({ ignoreIndex })
        const target = ints([0, ignoreIndex, 2])
        expect(value(loss, pred(), target)).toBeCloseTo(value(all, kept, ints([0, 2])), 6)
        expect(items(loss, pred(), target)[1]).toBeCloseTo(0, 12)
      }
      expect(value(all, pred(), ints([-100, -100, -100]))).toBe(0)
    })
  })

  it('reduces to a mean, a sum or nothing, and says which', () => {
    tf.tidy(() => {
      const target = ints([0, 1, 2])
      const none = make({ reduction: 'none' })
      const single = [...none(pred(), target).dataSync()]
      const sum = single.reduce((a, b) => a + b)
      expect(items(make(), pred(), target)).toEqual(single)
      expect(value(make({ reduction: 'sum' }), pred(), target)).toBeCloseTo(sum, 6)
      expect(value(make(), pred(), target)).toBeCloseTo(sum / 3, 6)
      expect([none.reduction, make().reduction]).toEqual(['none', 'mean'])
      expect(() => make({ reduction: 'avg' })).toThrow(`${name}: reduction is string "avg"`)
    })
  })

  it('means class numbers, activates to probabilities and decodes to the likeliest', () => {
    tf.tidy(() => {
      const loss = make()
      expect(loss.yInt).toBe(true)
      const p = loss.activation!(pred())
      expect(tf.sum(p, 1).dataSync()[0]).toBeCloseTo(1, 6)
      expect([...loss.decodes!(p).dataSync()]).toEqual([0, 1, 2])
    })
  })

  it('refuses what is no class number', () => {
    tf.tidy(() => {
      const loss = make()
      expect(() => loss(pred(), ints([0, 3, 1]))).toThrow(
        `${name}: label 3 is not one of the 3 classes 0 … 2`,
      )
      expect(() => loss(pred(), tf.tensor1d([0, 0.5, 1]))).toThrow(`${name}: label 0.5 is not one`)
      expect(() => loss(pred(), tf.tensor1d([0, Number.NaN, 1]))).toThrow(`${name}: label NaN is not one`)
      expect(() => loss(pred(), tf.eye(3))).toThrow(
        `${name}: 3 rows of logits but 9 labels: predictions [3,3], targets [3,3]\n  → targets are class numbers, not one-hot rows`,
      )
      expect(() => loss(pred(), ints([0]))).toThrow('3 rows of logits but 1 labels')
    })
  })

  it('refuses weights that are none, or not one for each class', () => {
    tf.tidy(() => {
      expect(() => make({ weight: [1, 2] })(pred(), ints([0, 1, 2]))).toThrow(
        `${name}: 2 class weights for 3 classes\n  → give one weight for each class, in the order of the vocabulary`,
      )
      expect(() => make({ weight: [1, -2, 1] })).toThrow(`${name}: weight[1] is -2`)
      expect(() => make({ weight: ['a'] })).toThrow(`${name}: weight[0] is string "a"`)
      expect(() => make({ weight: [] })).toThrow(`${name}: weight is []`)
      expect(() => make({ weight: 'abc' })).toThrow(`${name}: weight is string "abc"`)
      expect(() => make({ ignoreIndex: 0.5 })).toThrow(`${name}: ignoreIndex is 0.5`)
    })
  })
})

it('weights: the mean of crossEntropy is over the weights, that of focal over places', () => {
  tf.tidy(() => {
    const weight = [1, 2, 4]
    const target = ints([0, 1, 2])
    const weighted = each.map((l, i) => l * weight[i]!)
    const sum = (values: readonly number[]) => values.reduce((a, b) => a + b)
    expect(value(crossEntropyLossFlat({ weight }), pred(), target)).toBeCloseTo(sum(weighted) / 7, 5)
    const focal = weighted.map((ce) => (1 - Math.exp(-ce)) ** 2 * ce)
    expect(value(focalLossFlat({ weight }), pred(), target)).toBeCloseTo(sum(focal) / 3, 5)
    expect(items(crossEntropyLossFlat({ weight }), pred(), target)[2]).toBeCloseTo(weighted[2]!, 5)
    const smooth = labelSmoothingCrossEntropyFlat({ weight, eps: 0 })
    expect(value(smooth, pred(), target)).toBeCloseTo(sum(weighted) / 7, 5)
    expect(value(crossEntropyLossFlat({ weight: [0, 0, 1] }), pred(), ints([0, 1, 0]))).toBe(0)
  })
})

describe('dice', () => {
  /** Logits of two pictures of 2×2 with 2 classes that are as good as certain. */
  const masks = () => tf.sub(tf.mul(tf.oneHot(ints([0, 1, 1, 0, 0, 0, 1, 1]), 2), 200), 100)
  const at = (shape: number[]) => tf.reshape(masks(), [...shape, 2])

  it('is 1 − overlap of every item and class, classes last', () => {
    tf.tidy(() => {
      const right = ints([0, 1, 1, 0, 0, 0, 1, 1], [2, 2, 2])
      expect(value(diceLoss(), at([2, 2, 2]), right)).toBeCloseTo(0, 5)
      // Item 0: half of each class is found; item 1: all.
      const half = ints([0, 1, 0, 1, 0, 0, 1, 1], [2, 2, 2])
      expect(value(diceLoss(), at([2, 2, 2]), half)).toBeCloseTo(1, 5)
      expect(value(diceLoss({ reduction: 'mean' }), at([2, 2, 2]), half)).toBeCloseTo(0.25, 5)
      expect(items(diceLoss(), at([2, 2, 2]), half)).toEqual([expect.closeTo(0.5, 5), expect.closeTo(0, 5)])
      expect(diceLoss({ reduction: 'none' })(at([2, 2, 2]), half).shape).toEqual([2, 2])
      expect(diceLoss().reduction).toBe('sum')
    })
  })

  it('does not see places that do not count', () => {
    tf.tidy(() => {
      const target = ints([0, 1, 255, 255, 0, 0, 1, 1], [2, 2, 2])
      expect(value(diceLoss({ ignoreIndex: 255 }), at([2, 2, 2]), target)).toBeCloseTo(0, 5)
      expect(() => diceLoss()(at([2, 2, 2]), target)).toThrow('dice: label 255 is not one of the 2 classes')
    })
  })
})

describe('bceWithLogits', () => {
  const x = () => tf.tensor2d([0, 2, -1, 3], [2, 2])
  const z = () => tf.tensor2d([1, 0, 1, 1], [2, 2])
  const soft = (v: number) => Math.log1p(Math.exp(v))

  it('weighs labels, and yes against no', () => {
    tf.tidy(() => {
      const loss = bceWithLogitsLossFlat({ posWeight: [3, 5], weight: [1, 2] })
      const wanted = [3 * soft(0), 2 * soft(2), 3 * soft(1), 2 * 5 * soft(-3)]
      expect(value(loss, x(), z())).toBeCloseTo(wanted.reduce((a, b) => a + b) / 4, 5)
      const same = bceWithLogitsLossFlat({ posWeight: [1], weight: [1, 1] })
      expect(value(same, x(), z())).toBeCloseTo(value(bceWithLogitsLossFlat(), x(), z()), 6)
      expect(() => bceWithLogitsLossFlat({ posWeight: [1, 2, 3] })(x(), z())).toThrow(
        'bceWithLogits: posWeight has 3 weights for 2 labels',
      )
    })
  })

  it('is exact far out', () => {
    tf.tidy(() => {
      const [far, one] = [tf.tensor1d([30, -200, 200]), tf.tensor1d([1, 1, 0])]
      const got = [...bceWithLogitsLossFlat({ reduction: 'none' })(far, one).dataSync()]
      expect(got).toEqual([expect.closeTo(9.357623e-14, 18), 200, 200])
    })
  })

  it('says yes above its threshold', () => {
    tf.tidy(() => {
      const loss = bceWithLogitsLossFlat({ thresh: 0.8 })
      expect([...loss.decodes!(loss.activation!(x())).dataSync()]).toEqual([0, 1, 0, 1])
      expect(() => bceWithLogitsLossFlat({ thresh: 2 })).toThrow('bceWithLogits: thresh is 2')
    })
  })
})

it('bce takes probabilities, and what is certain and wrong costs 100', () => {
  tf.tidy(() => {
    const [p, y] = [tf.tensor1d([0.25, 0, 1]), tf.tensor1d([1, 1, 1])]
    const got = [...bceLossFlat({ reduction: 'none' })(p, y).dataSync()]
    expect(got).toEqual([expect.closeTo(Math.log(4), 6), 100, 0])
    expect(() => bceLossFlat()(tf.tensor1d([1.5]), tf.tensor1d([1]))).toThrow(
      'bce: prediction 1.5 is not between 0 and 1\n  → for logits use bceWithLogitsLossFlat()',
    )
    for (const make of [bceLossFlat, bceWithLogitsLossFlat]) {
      expect(() => make()(tf.tensor1d([0.5]), ints([2]))).toThrow(
        'target 2 is not between 0 and 1\n  → targets say no or yes, 0 or 1, for each label; for class numbers use',
      )
    }
  })
})

it('mse and l1 reduce as they are asked to', () => {
  tf.tidy(() => {
    const [p, y] = [tf.tensor2d([[1], [4]]), tf.tensor1d([3, 4])]
    expect(value(mseLossFlat({ reduction: 'sum' }), p, y)).toBe(4)
    expect(value(l1LossFlat(), p, y)).toBe(1)
    expect(value(l1LossFlat({ reduction: 'sum' }), p, y)).toBe(2)
    expect(items(l1LossFlat(), p, y)).toEqual([2, 0])
    expect(() => l1LossFlat()(p, tf.tensor1d([1]))).toThrow('l1: predictions [2,1] and targets [1]')
  })
})

it('are made again from their names and options', () => {
  const made = [
    crossEntropyLossFlat({ weight: [1, 2], ignoreIndex: 255, reduction: 'sum' }),
    labelSmoothingCrossEntropyFlat({ eps: 0.2 }),
    focalLossFlat({ gamma: 1 }),
    diceLoss({ smooth: 1, ignoreIndex: 255 }),
    bceWithLogitsLossFlat({ thresh: 0.3, posWeight: [4] }),
    bceLossFlat(),
    mseLossFlat({ reduction: 'sum' }),
    l1LossFlat(),
  ]
  expect(made.map((l) => l.name).sort()).toEqual(Object.keys(lossesByName).sort())
  for (const loss of made) {
    const json = JSON.parse(JSON.stringify(loss.toJSON!())) as object
    const again = lossesByName[loss.name as keyof typeof lossesByName](json)
    expect([again.name, again.toJSON!(), again.reduction]).toEqual([loss.name, json, loss.reduction])
  }
  expect(crossEntropyLossFlat().toJSON!()).toEqual({})
  expect(defaultLoss('l1').name).toBe('l1')
  expect(() => defaultLoss('toString' as never)).toThrow(
    "the target of the data asks for the loss 'toString'",
  )
})
