import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  type AnyModule,
  bceWithLogitsLossFlat,
  type Callback,
  Learner,
  l1LossFlat,
  Module,
  mseLossFlat,
  param,
  rmsProp,
  sgd,
  tf,
  useEngine,
  withSeed,
} from '@espalier/core'
import { Random } from '@espalier/data'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ganLoaders, halves, parts, size } from '../../test/gan-data.js'
import { basicCritic, ganCritic } from './critics.js'
import { GANLearner, type GANLearnerOptions } from './gan-learner.js'
import { accuracyThreshExpand, adaptiveLoss, ganLoss, ganLossFromFunc } from './gan-loss.js'
import { GANModule } from './gan-module.js'
import { adaptiveGANSwitcher, fixedGANSwitcher, ganDiscriminativeLR } from './gan-switchers.js'
import { trainerOf } from './gan-trainer.js'
import { basicGenerator } from './generators.js'
import { generateNoise, noiseBlock } from './noise-block.js'

const folder = mkdtempSync(join(tmpdir(), 'gan-'))
afterAll(() => rmSync(folder, { recursive: true }))
beforeAll(async () => {
  await useEngine('wasm')
})

type Loaders = Awaited<ReturnType<typeof ganLoaders>>

const wgan = (dls: Loaders, options: GANLearnerOptions = {}) => {
  const { generator, critic } = parts()
  return GANLearner.wgan(dls, generator, critic, { verbose: false, ...options })
}

const numbers = (model: AnyModule) => [...model.weights()].flatMap((w) => [...w.variable.dataSync()])
const trainable = (model: AnyModule) => model.parameters().flatMap((p) => [...p.dataSync()])

/** Notes of each step whose turn it was, and which parts changed in it. */
function watch() {
  const steps: { readonly gen: boolean; readonly changed: readonly string[]; readonly lr: number }[] = []
  let before: Record<string, number[]> = {}
  const now = (model: GANModule) => ({
    generator: trainable(model.generator),
    critic: trainable(model.critic),
  })
  const cb: Callback = {
    name: 'watch',
    order: 70,
    runValid: false,
    beforeBatch({ learn }) {
      before = now(learn.model as GANModule)
    },
    afterStep({ learn }) {
      const after = Object.entries(now(learn.model as GANModule))
      const changed = after
        .filter(([part, v]) => v.some((x, i) => x !== before[part]![i]))
        .map(([part]) => part)
      steps.push({ gen: (learn.model as GANModule).genMode, changed, lr: learn.opt.hypers[0]!['lr']! })
    },
  }
  return { steps, cb }
}

describe('turns', () => {
  it('only the part whose turn it is changes, norm layers too: five steps of the critic, one of the generator', async () => {
    const { steps, cb } = watch()
    using learn = wgan(await ganLoaders({ train: 192 }), { cbs: [cb], optFunc: sgd({ mom: 0 }) })
    await learn.fit(1, 1e-2)
    expect(steps.map((s) => s.changed)).toEqual(
      Array.from({ length: 12 }, (_, i) => [i % 6 === 5 ? 'generator' : 'critic']),
    )
    const trainer = trainerOf(learn)
    expect([trainer.critLosses.length, trainer.genLosses.length]).toEqual([10, 2])
    expect(learn.opt.resting.size).toBe(0)
  })

  it('begins with the generator on demand, and with it after a validation; counts anew in each epoch', async () => {
    const { steps, cb } = watch()
    const switcher = fixedGANSwitcher({ nCrit: 2, nGen: 1 })
    using learn = wgan(await ganLoaders({ valid: 16 }), { cbs: [cb], switcher })
    await learn.fit(2, 1e-3)
    expect(steps.map((s) => s.gen)).toEqual([false, false, true, false, true, false, false, true])
    expect(learn.recorder.columns).toEqual(['train_loss', 'valid_loss', 'gen_loss', 'crit_loss'])
    for (const row of learn.recorder.values) expect(row.every(Number.isFinite)).toBe(true)
    const [, valid, gen] = learn.recorder.values[0]!
    expect(gen).toBeCloseTo(valid!, 5)

    const other = watch()
    using first = wgan(await ganLoaders(), { cbs: [other.cb], switcher: fixedGANSwitcher(), genFirst: true })
    await first.fit(1, 1e-3)
    expect(other.steps.map((s) => s.gen)).toEqual([true, false, true, false])
  })

  it('change when a loss is below its bound', async () => {
    const { steps, cb } = watch()
    const switcher = adaptiveGANSwitcher({ criticThresh: Number.MIN_SAFE_INTEGER })
    using learn = wgan(await ganLoaders(), { cbs: [cb], switcher, genFirst: true })
    await learn.fit(1, 1e-3)
    expect(steps.map((s) => s.gen)).toEqual([true, false, false, false])
  })

  it('the critic learns faster on demand, also under a schedule', async () => {
    for (const scheduled of [false, true]) {
      const { steps, cb } = watch()
      const cbs = [cb, ganDiscriminativeLR(5)]
      using learn = wgan(await ganLoaders(), { cbs, switcher: fixedGANSwitcher() })
      if (scheduled) await learn.fitOneCycle(1, 1e-3, { pctStart: 0.01, div: 1, divFinal: 1 })
      else await learn.fit(1, 1e-3)
      for (const { gen, lr } of steps) expect(lr).toBeCloseTo(gen ? 1e-3 : 5e-3, 8)
      expect(learn.opt.hypers[0]!['lr']).toBeCloseTo(1e-3, 8)
    }
  })

  it('the critic is kept within its bounds', async () => {
    using learn = wgan(await ganLoaders(), {
      cbs: [
        {
          name: 'look',
          order: 5,
          beforeBatch({ learn, training }) {
            const { critic } = learn.model as GANModule
            if (training)
              expect(Math.max(...trainable(critic).map(Math.abs))).toBeLessThanOrEqual(Math.fround(0.01))
          },
        },
      ],
    })
    await learn.fit(1, 1e-2)
  })

  it('the part that waits is as in prediction, where that is wanted; in validation both are', async () => {
    const modes: string[] = []
    const { generator, critic } = parts()
    const [gen, crit] = ganLossFromFunc(mseLossFlat(), adaptiveLoss(bceWithLogitsLossFlat()))
    const look: Callback = {
      name: 'look',
      order: 5,
      beforeBatch({ learn, training }) {
        const { generator: g, critic: c, genMode } = learn.model as GANModule
        modes.push(`${training ? (genMode ? 'generator' : 'critic') : 'valid'} ${g.training} ${c.training}`)
      },
    }
    const dls = await ganLoaders({ train: 32, valid: 16 })
    using learn = new GANLearner(dls, generator, critic, gen, crit, { verbose: false, cbs: [look] })
    await learn.fit(2, 1e-3)
    expect(modes).toEqual([
      'critic false true',
      'generator true false',
      'valid false false',
      'generator true false',
      'critic false true',
      'valid false false',
    ])
  })
})

describe('losses', () => {
  it('are those of fastai', () => {
    tf.tidy(() => {
      const [gen, crit] = ganLossFromFunc(l1LossFlat(), adaptiveLoss(bceWithLogitsLossFlat()), [2, 3])
      const [real, fake] = [tf.tensor2d([[1, -2]]), tf.tensor2d([[0.5, 3]])]
      const [output, target] = [tf.tensor2d([[1, 2]]), tf.tensor2d([[0, 4]])]
      const soft = (x: number) => Math.log1p(Math.exp(x))
      const bce = (values: number[], is: number) =>
        (soft(is ? -values[0]! : values[0]!) + soft(is ? -values[1]! : values[1]!)) / 2
      expect(gen(fake, output, target).dataSync()[0]).toBeCloseTo(2 * bce([0.5, 3], 1) + 3 * 1.5, 5)
      expect(crit(real, fake).dataSync()[0]).toBeCloseTo((bce([1, -2], 1) + bce([0.5, 3], 0)) / 2, 5)
      const share = accuracyThreshExpand(
        tf.tensor2d([
          [1, -1],
          [2, 3],
        ]),
        tf.tensor1d([1, 0]),
      )
      expect(share.dataSync()[0]).toBeCloseTo(0.25)
    })
    expect(() => ganLossFromFunc(mseLossFlat(), mseLossFlat(), [1] as never)).toThrow(
      'weightsGen must be two numbers',
    )
  })

  it('what is made is a constant to the critic: its gradients are those of finite differences', () => {
    using model = withSeed(1, () => new GANModule(new Linear1(), new Linear1()))
    const loss = ganLoss(
      (fake) => tf.mean(fake),
      (real, fake) => tf.mean(tf.sub(tf.square(real), fake)),
      model,
    )
    tf.tidy(() => {
      const [x, z] = [tf.tensor2d([[0.3], [0.9]]), tf.tensor2d([[1], [-2]])]
      const value = () => loss(model.forward(x), z)
      const { grads } = tf.variableGrads(() => value() as tf.Scalar, model.parameters())
      const [g, c] = model.parameters() as [tf.Variable, tf.Variable]
      expect(grads[g.name]?.dataSync()[0] ?? 0).toBe(0)
      const step = (by: number) => {
        c.assign(tf.add(c, by))
        return value().dataSync()[0]!
      }
      const slope = (step(1e-2) - step(-2e-2)) / 2e-2
      step(1e-2)
      expect(grads[c.name]!.dataSync()[0]).toBeCloseTo(slope, 3)
    })
  })
})

/** One weight. */
class Linear1 extends Module<[tf.Tensor], tf.Tensor> {
  readonly weight = param(tf.scalar(0.7))
  forward(x: tf.Tensor): tf.Tensor {
    return tf.mul(x, this.weight)
  }
}

describe('noise', () => {
  it('is other noise in each epoch, the same in each run; in validation it stays', async () => {
    const dls = await ganLoaders({ valid: 16 })
    const first = async (valid: boolean, epoch: number, from = dls) => {
      const { arrays } = await from.oneBatch({ valid, epoch })
      return [...arrays[0].data]
    }
    expect(await first(false, 0)).toEqual(await first(false, 0, await ganLoaders({ valid: 16 })))
    expect(await first(false, 0)).not.toEqual(await first(false, 1))
    expect(await first(true, 0)).toEqual(await first(true, 0, await ganLoaders({ valid: 16 })))
    const { data, shape, kind } = generateNoise(new Random(1, 'noise'), 4000)
    expect([shape, kind]).toEqual([[4000], 'noise'])
    expect(Math.abs(data.reduce((a, b) => a + b) / 4000)).toBeLessThan(0.06)
    expect(data.reduce((a, b) => a + b * b, 0) / 4000).toBeCloseTo(1, 1)
    expect(() => noiseBlock({ size: 0 })).toThrow('the size of noise must be')
  })

  it('is not shown', async () => {
    const dls = await ganLoaders({ valid: 16 })
    expect((await dls.showBatch({ maxN: 4 }).toSVG()).match(/<image/g)).toHaveLength(4)
    using learn = wgan(dls)
    const svg = await learn.showResults({ maxN: 4 }).toSVG()
    expect(svg.match(/<image/g)).toHaveLength(4)
    expect(svg).not.toContain('actual')
  })
})

describe('training', () => {
  it('a WGAN makes pictures that are on average those of the data', async () => {
    const dls = await ganLoaders({ train: 256, valid: 64, bs: 32 })
    using learn = wgan(dls, { optFunc: rmsProp(), clip: 0.05 })
    const distance = async () => {
      const { preds } = await learn.getPreds()
      const mean = [0, 0]
      for (const [i, v] of preds.data.entries()) mean[i % size < size / 2 ? 0 : 1]! += v
      return mean.map((sum, half) => Math.abs(sum / (preds.data.length / 2) - halves[half]!))
    }
    const before = await distance()
    const held = tf.memory().numTensors
    await learn.fit(24, 2e-3)
    const after = await distance()
    expect(Math.max(...after)).toBeLessThan(0.2)
    expect(after[0]! + after[1]!).toBeLessThan((before[0]! + before[1]!) / 2)
    expect(numbers(learn.model).every(Number.isFinite)).toBe(true)
    learn.resetOpt()
    expect(tf.memory().numTensors).toBe(held)
  })

  it('of two learners that were trained apart: the critic under spectral norm sees what is made', async () => {
    const dls = await ganLoaders({ train: 32, valid: 16 })
    const models = withSeed(2, () => ({
      generator: basicGenerator(size, 1, { inSz: 6, nFeatures: 8 }),
      critic: ganCritic({ nChannels: 1, nf: 8, nBlocks: 1 }),
    }))
    const generator = new Learner(dls, models.generator, { lossFunc: mseLossFlat(), verbose: false })
    await generator.fit(1, 1e-3)
    generator.resetOpt()
    const critic = new Learner(dls, models.critic, {
      lossFunc: adaptiveLoss(bceWithLogitsLossFlat()),
      verbose: false,
    })
    const switcher = adaptiveGANSwitcher({ criticThresh: 0.65 })
    const options = { switcher, weightsGen: [1, 50], verbose: false, switchEval: false } as const
    using learn = GANLearner.fromLearners(generator, critic, options)
    await learn.fit(3, 1e-4)
    expect(numbers(learn.model).every(Number.isFinite)).toBe(true)
    const { crit_loss: crit } = await learn.validate()
    expect(crit).toBeGreaterThan(0)
  })

  it('a run that is killed anywhere goes on to the same weights, whoever’s turn it was', async () => {
    const fit = async (dir: string, kill?: number) => {
      const cbs: Callback[] = [ganDiscriminativeLR(2)]
      using learn = wgan(await ganLoaders({ train: 64, valid: 16 }), {
        cbs,
        switcher: fixedGANSwitcher({ nCrit: 2 }),
      })
      const killer: Callback = {
        name: 'kill',
        order: -99,
        afterBatch({ learn: l, training }) {
          if (training && l.run.step === kill) throw new Error('killed')
        },
      }
      try {
        await learn.fit(3, 1e-3, { cbs: [killer], checkpoint: { dir, everySteps: 1 }, resume: true })
      } catch (error) {
        if (!(error instanceof Error) || !error.message.includes('killed')) throw error
      }
      const { critLosses, genLosses } = trainerOf(learn)
      const rows = learn.recorder.values
      return { weights: numbers(learn.model), critLosses, genLosses, rows }
    }
    const whole = await fit(join(folder, 'whole'))
    expect([whole.critLosses.length, whole.genLosses.length]).toEqual([7, 5])
    const cut = join(folder, 'cut')
    for (const step of [2, 3, 4, 5, 7, 9]) await fit(cut, step)
    const again = await fit(cut)
    expect(again).toEqual(whole)
  })

  it('what is no GAN is refused', async () => {
    const dls = await ganLoaders()
    using critic = basicCritic(size, 1, { nFeatures: 4 })
    using generator = basicGenerator(size, 1, { inSz: 6, nFeatures: 4 })
    expect(() => new GANLearner(dls, generator, critic, undefined as never, () => tf.scalar(0))).toThrow(
      'genLossFunc must be a function',
    )
    expect(() => GANLearner.wgan(dls, generator, critic, { clip: -1 })).toThrow(
      'clip must be a number above 0',
    )
    expect(() => fixedGANSwitcher({ nCrit: 0 })).toThrow('nCrit must be a number of steps')
    expect(() => ganDiscriminativeLR(0)).toThrow('multLr must be')
    using learn = new Learner(dls, generator, {
      lossFunc: mseLossFlat(),
      cbs: [fixedGANSwitcher()],
      verbose: false,
    })
    await expect(learn.fit(1)).rejects.toThrow('this learner has no ganTrainer')
  })
})
