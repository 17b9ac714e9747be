import { beforeAll, describe, expect, it } from 'vitest'
import { fingerprint, type ToyLearner, toyLearner, toyLoaders } from '../../test/toy.js'
import { useEngine } from '../engine/engine.js'
import * as tf from '../engine/tf.js'
import type { Callback } from '../learner/callback.js'
import type { BatchState } from '../learner/events.js'
import { crossEntropyLossFlat } from '../losses/cross-entropy.js'
import type { Loss } from '../losses/loss.js'
import { cutMix, cutMixBatch } from './cut-mix.js'
import { mixUp, mixUpBatch } from './mix-up.js'

beforeAll(async () => {
  await useEngine('cpu')
})

/** A batch in a scope of its own. */
function withBatch(x: tf.Tensor, y: tf.Tensor, lossFunc: Loss, run: (s: BatchState) => void): void {
  tf.tidy(() => {
    run({ x: [x], y: [y], lossFunc } as unknown as BatchState)
  })
  tf.dispose([x, y])
}
const plainMse: Loss = (pred, target) => tf.mean(tf.squaredDifference(pred, target!))

describe('mixUp', () => {
  it('mixes rows and numbers alike, the larger share being the own', () => {
    withBatch(tf.tensor2d([[0], [10]]), tf.tensor1d([0, 1]), plainMse, (s) => {
      mixUpBatch(s, [0.9, 0.2], [1, 0])
      expect([...s.x[0]!.dataSync()]).toEqual([expect.closeTo(1, 5), expect.closeTo(8, 5)])
      expect([...s.y[0]!.dataSync()]).toEqual([expect.closeTo(0.1, 6), expect.closeTo(0.8, 6)])
      expect(s.lossFunc).toBe(plainMse)
    })
  })

  it('mixes the losses of classes', () => {
    const loss = crossEntropyLossFlat()
    withBatch(tf.tensor2d([[0], [10]]), tf.tensor1d([0, 1], 'int32'), loss, (s) => {
      const y = s.y[0]!
      mixUpBatch(s, [0.9, 0.8], [1, 0])
      expect(s.y[0]).toBe(y)
      const pred = tf.tensor2d([
        [2, 0],
        [1, 0],
      ])
      const each = (targets: readonly number[]) => [
        ...loss.perItem!(pred, tf.tensor1d([...targets], 'int32')).dataSync(),
      ]
      const [own, other] = [each([0, 1]), each([1, 0])]
      const want = (0.9 * own[0]! + 0.1 * other[0]! + 0.8 * own[1]! + 0.2 * other[1]!) / 2
      expect(s.lossFunc(pred, y).dataSync()[0]).toBeCloseTo(want, 5)
    })
  })

  it('says what cannot be mixed', () => {
    const classes = () => tf.tensor1d([0, 1], 'int32')
    const mix = (s: BatchState) => mixUpBatch(s, [0.9, 0.8], [1, 0])
    withBatch(tf.tensor2d([[0], [1]]), classes(), plainMse, (s) =>
      expect(() => mix(s)).toThrow(
        'mixUp cannot mix int32 [2]\n  → where these are classes, the loss must say so',
      ),
    )
    withBatch(classes(), classes(), crossEntropyLossFlat(), (s) =>
      expect(() => mix(s)).toThrow('mixUp cannot mix int32 [2]'),
    )
    const half: Loss = Object.assign(((pred) => tf.mean(pred)) as Loss, { yInt: true })
    withBatch(tf.tensor2d([[0], [1]]), classes(), half, (s) =>
      expect(() => mix(s)).toThrow('mixUp: this loss cannot be taken item by item'),
    )
    expect(() => mixUp(0)).toThrow('mixUp: alpha must be a number above 0, got 0')
  })
})

describe('cutMix', () => {
  const pictures = () =>
    tf.tidy(() => tf.mul(tf.ones([2, 6, 8, 1]), tf.tensor4d([1, 2], [2, 1, 1, 1])) as tf.Tensor4D)
  const pixels = (s: BatchState) =>
    (s.x[0] as tf.Tensor4D).arraySync().map((p) => p.map((row) => row.map(([v]) => v)))

  it('pastes a box, and weighs the targets by its area', () => {
    withBatch(pictures(), tf.tensor1d([0, 1]), plainMse, (s) => {
      const { lam } = cutMixBatch(s, 0.75, [1, 0], [4, 3])
      // √0.25 of 8 × 6 pixels is 4 × 3, half of that 2 × 1 to each side.
      expect(pixels(s)[0]).toEqual([
        [1, 1, 1, 1, 1, 1, 1, 1],
        [1, 1, 1, 1, 1, 1, 1, 1],
        [1, 1, 2, 2, 2, 2, 1, 1],
        [1, 1, 2, 2, 2, 2, 1, 1],
        [1, 1, 1, 1, 1, 1, 1, 1],
        [1, 1, 1, 1, 1, 1, 1, 1],
      ])
      const share = 1 - 8 / 48
      expect(lam.dataSync()[0]).toBeCloseTo(share, 6)
      expect([...s.y[0]!.dataSync()]).toEqual([expect.closeTo(1 - share, 6), expect.closeTo(share, 6)])
    })
  })

  it('cuts off what lies outside, and leaves a picture alone where there is no box', () => {
    withBatch(pictures(), tf.tensor1d([0, 1]), plainMse, (s) => {
      cutMixBatch(s, 0.75, [1, 0], [0, 0])
      expect(
        pixels(s)[0]!
          .flat()
          .filter((v) => v === 2),
      ).toHaveLength(2)
    })
    withBatch(pictures(), tf.tensor1d([0, 1]), plainMse, (s) => {
      const { lam } = cutMixBatch(s, 1, [1, 0], [4, 3])
      expect(lam.dataSync()[0]).toBe(1)
      expect([...s.y[0]!.dataSync()]).toEqual([0, 1])
    })
  })

  it('refuses what is no picture', async () => {
    using learn = toyLearner(await toyLoaders(), { cbs: [cutMix()] })
    await expect(learn.fit(1)).rejects.toThrow(
      'cutMix needs pictures [b, h, w, c], the input is float32 [8,4]',
    )
  })
})

describe('in a fit', () => {
  const dls = () => toyLoaders({ train: 24, valid: 16 })
  const watching = (seen: string[]): Callback => ({
    name: 'watch',
    order: 1,
    afterPred: ({ learn, training, lossFunc, x }) => {
      seen.push(
        `${training ? 'train' : 'valid'} ${lossFunc === learn.lossFunc} ${x[0]!.dataSync()[0]!.toFixed(4)}`,
      )
    },
  })

  it('validation and the learner’s loss are left alone, also by a fit that fails', async () => {
    const [plain, mixed]: string[][] = [[], []]
    using a = toyLearner(await dls(), { cbs: [watching(plain!)] })
    using b = toyLearner(await dls(), { cbs: [mixUp(), watching(mixed!)] })
    const { lossFunc } = b
    await a.fit(1)
    await b.fit(1)
    const part = (seen: string[], name: string) => seen.filter((line) => line.startsWith(name))
    expect(part(mixed!, 'valid')).toEqual(part(plain!, 'valid'))
    expect(part(mixed!, 'valid').every((line) => line.includes('true'))).toBe(true)
    expect(part(mixed!, 'train').every((line) => line.includes('false'))).toBe(true)
    expect(part(mixed!, 'train')).not.toEqual(part(plain!, 'train'))
    const broken: Callback = {
      name: 'broken',
      afterStep() {
        throw new Error('oops')
      },
    }
    await expect(b.fit(1, 0.1, { cbs: [broken] })).rejects.toThrow('oops')
    expect(b.lossFunc).toBe(lossFunc)
    expect(await b.validate()).toHaveProperty('valid_loss')
  })

  it('the same seed mixes the same, whatever happened before, and lrFind leaves no trace', async () => {
    const run = async (trial: boolean): Promise<string> => {
      using learn: ToyLearner = toyLearner(await dls(), { cbs: [mixUp()] })
      if (trial) await learn.lrFind({ numIt: 20, stopDiv: false })
      await learn.fit(2, 0.05)
      return fingerprint(learn)
    }
    expect(await run(true)).toBe(await run(false))
  })

  it('two kinds of mixing are refused', async () => {
    using learn = toyLearner(await dls(), { cbs: [mixUp(), mixUp()] })
    await expect(learn.fit(1)).rejects.toThrow(
      'mixUp: this batch was mixed already\n  → use one of mixUp and cutMix',
    )
  })
})
