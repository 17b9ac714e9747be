import { type CategoryPrediction, SkipItem } from '@espalier/data'
import { DOMParser } from 'linkedom'
import { afterEach, beforeAll, describe, expect, expectTypeOf, it, vi } from 'vitest'
import { classes, features, labelOf, toyLearner, toyLoaders } from '../../test/toy.js'
import { multiLearner, regressionLearner } from '../../test/toy-targets.js'
import { useEngine } from '../engine/engine.js'
import * as tf from '../engine/tf.js'
import type { Learner } from '../learner/learner.js'
import type { AnyModule } from '../nn/module.js'
import type { Figure } from '../report/figure.js'
import { toneColors } from '../report/style.js'
import { ClassificationInterpretation } from './classification-interpretation.js'
import { Interpretation } from './interpretation.js'
import { trainingReport } from './training-report.js'

beforeAll(async () => {
  await useEngine('cpu')
})
afterEach(() => {
  vi.restoreAllMocks()
})

async function read(figure: Figure) {
  const root = new DOMParser().parseFromString(await figure.toSVG(), 'image/svg+xml') as unknown as Document
  const elements = Array.from(root.querySelectorAll('text')) as Element[]
  return { texts: elements.map((t) => t.textContent), tones: elements.map((t) => t.getAttribute('fill')) }
}

describe('a classifier', () => {
  const trained = async (options = {}) => {
    const learn = toyLearner(await toyLoaders({ train: 64, valid: 30, bs: 8, ...options }))
    await learn.fit(4, 2e-2)
    return learn
  }

  it('is looked at as getPreds predicts it', async () => {
    using learn = await trained()
    const interp = await learn.interpret()
    expectTypeOf(interp).toEqualTypeOf<ClassificationInterpretation>()
    expect(interp).toBeInstanceOf(ClassificationInterpretation)
    const { losses, decoded, targets, preds, ids } = await learn.getPreds({ withLoss: true })
    expect(interp.losses).toEqual(losses)
    const matrix = [0, 1, 2].map(() => [0, 0, 0])
    for (const [i, a] of targets[0]!.data.entries()) matrix[a]![decoded.data[i]!]!++
    expect(interp.confusionMatrix()).toEqual(matrix)
    const wrong = matrix.flat().reduce((a, b) => a + b) - [0, 1, 2].reduce((s, i) => s + matrix[i]![i]!, 0)
    expect(interp.errorRate).toBeCloseTo(wrong / 30)
    const all = interp.topLosses()
    expect(all.map((l) => l.loss)).toEqual([...losses].sort((a, b) => b - a))
    for (const { index, id, predicted, actual, probability } of all) {
      expect(id).toBe(ids[index])
      expect(actual).toBe(labelOf(id))
      expect(predicted).toBe(classes[decoded.data[index]!])
      expect(probability).toBe(Math.max(...preds.data.slice(3 * index, 3 * index + 3)))
    }
    expect(interp.topLosses(2, { largest: false })).toEqual(all.slice(-2).reverse())
    const { classes: rows, accuracy } = interp.classificationReport()
    expect(rows.map((r) => r.support)).toEqual(matrix.map((counts) => counts.reduce((a, b) => a + b)))
    expect(accuracy).toBeCloseTo(1 - interp.errorRate)
    const print = vi.spyOn(console, 'log').mockImplementation(() => {})
    interp.printClassificationReport({ digits: 3 })
    expect(print).toHaveBeenCalledExactlyOnceWith(interp.classificationReport().toText({ digits: 3 }))
  })

  it('takes a loader, or says which part', async () => {
    using learn = await trained()
    const train = await learn.interpret({ dsIdx: 0 })
    expect(train.losses).toHaveLength(64)
    expect(await learn.interpret(learn.dls.train).then((i) => i.losses)).toEqual(train.losses)
    const flat = await learn.interpret({ act: (x) => tf.mul(x, 0) })
    expect(flat.topLosses(1)[0]!.probability).toBeCloseTo(0)
    expect((await flat.topItems(1))[0]!.probability).toBeCloseTo(0)
    await expect(learn.interpret({ dsIdx: 3 as 0 })).rejects.toThrow('dsIdx is 0 or 1')
  })

  it('shows items again: input, prediction and truth', async () => {
    using learn = await trained()
    const interp = await learn.interpret()
    const items = await interp.topItems([2, 0])
    expectTypeOf(items[0]!.prediction).toEqualTypeOf<CategoryPrediction | undefined>()
    const [first, , third] = interp.topLosses(3)
    expect(items.map((i) => [i.id, i.loss])).toEqual([third, first].map((l) => [l!.id, l!.loss]))
    for (const { id, predicted, actual, prediction, probability, input } of items) {
      expect(prediction).toEqual(
        await learn.predict(id).then((p) => ({ ...p, probabilities: expect.anything() })),
      )
      expect(predicted).toEqual({ text: prediction!.label })
      expect(actual).toEqual({ text: labelOf(id) })
      expect(probability).toBeCloseTo(Math.max(...prediction!.probabilities), 6)
      expect(input).toHaveLength(1)
    }
    await expect(interp.topItems([99])).rejects.toThrow('there is no loss of rank number')
  })

  it('draws them: prediction, truth, loss, probability', async () => {
    using learn = await trained()
    const interp = await learn.interpret()
    const [worst, second] = interp.topLosses(2)
    const { texts, tones } = await read(interp.plotTopLosses([1, 0]))
    expect(texts[0]).toBe('predicted / actual / loss / probability')
    for (const item of [worst!, second!]) {
      const at = texts.indexOf(`${item.loss.toFixed(2)} / ${item.probability.toFixed(2)}`)
      expect(texts.slice(at - 2, at)).toEqual([item.predicted, item.actual])
      expect(tones[at - 2]).toBe(item.predicted === item.actual ? toneColors.right : toneColors.wrong)
    }
    const shares = await read(interp.plotConfusionMatrix({ normalize: true, normDec: 3 }))
    expect(shares.texts.some((t) => /^\.\d{3}$/.test(t ?? ''))).toBe(true)
  })

  it('leaves out what cannot be read, keeps ranks right where a loss is no number', async () => {
    const encode = (item: string) => {
      if (item === 'row 70') throw new SkipItem('torn')
      return item === 'row 80' ? features(item).map(() => Number.NaN) : features(item)
    }
    using learn = toyLearner(await toyLoaders({ train: 64, valid: 30, encode }))
    const interp = await learn.interpret(learn.dls.valid)
    expect(interp.indices).toHaveLength(29)
    expect(interp.topLosses(1)[0]!.id).toBe('row 80')
    expect(interp.topLosses(29).map((l) => l.id)).not.toContain('row 70')
    expect(interp.topLosses(1, { largest: false })[0]!.id).not.toBe('row 80')
  })

  it('leaves no tensor, and the learner as it was', async () => {
    using learn = await trained()
    await learn.interpret()
    const before = tf.memory().numTensors
    const { recorder } = learn
    const interp = await learn.interpret()
    await interp.plotTopLosses(4).toSVG()
    await learn.showResults().toSVG()
    expect(tf.memory().numTensors).toBe(before)
    expect(learn.recorder).toBe(recorder)
  })
})

describe('targets of other kinds', () => {
  it('any number of labels: right where all agree', async () => {
    using learn = await multiLearner()
    const interp = await learn.interpret()
    expectTypeOf(interp).toEqualTypeOf<Interpretation<readonly string[]>>()
    expect(interp).not.toBeInstanceOf(ClassificationInterpretation)
    const { losses, preds } = await learn.getPreds({ withLoss: true })
    expect(interp.topLosses(1)[0]!.loss).toBe(Math.max(...losses))
    const [worst] = await interp.topItems(1)
    const row = Array.from(preds.data.slice(3 * worst!.index, 3 * worst!.index + 3))
    expect(worst!.probability).toBeCloseTo(Math.max(...row), 6)
    const names = ['first', 'second', 'third'].filter((_, i) => row[i]! > 0.5)
    expect(worst!.prediction).toEqual(names)
    expect(worst!.predicted).toEqual({ text: names.join(';') })
    const truth = ['first', 'second', 'third'].filter((_, i) => features(worst!.id)[i]! > 0)
    expect(worst!.actual).toEqual({ text: truth.join(';') })
    const { tones, texts } = await read(interp.plotTopLosses(1))
    expect(texts[0]).toBe('predicted / actual / loss / probability')
    expect(tones[1]).toBe(toneColors.wrong)
    expect(await learn.predict(worst!.id)).toEqual(names)
  })

  it('a number: neither right nor wrong, no probability', async () => {
    using learn = await regressionLearner()
    const interp = await learn.interpret()
    expectTypeOf(interp).toEqualTypeOf<Interpretation<number>>()
    const [worst] = await interp.topItems(1)
    const [a, b] = features(worst!.id) as [number, number]
    expect(worst!.loss).toBeCloseTo((worst!.prediction! - Math.fround(a + b)) ** 2, 4)
    expect(worst).not.toHaveProperty('probability')
    expect(worst!.predicted).toEqual({ text: String(Number(worst!.prediction!.toPrecision(4))) })
    const { texts, tones } = await read(interp.plotTopLosses(1))
    expect(texts[0]).toBe('predicted / actual / loss')
    expect(tones[1]).toBe(toneColors.plain)
    expect((await read(learn.showResults({ maxN: 3 }))).texts).toContain('predicted / actual')
  })

  it('has a report without a confusion', async () => {
    using learn = await regressionLearner()
    await learn.fit(1, 1e-2)
    const report = await trainingReport(learn, { title: 'Sums' })
    expect(report).toContain('Largest losses')
    expect(report).not.toContain('Confusion')
  })

  it('any learner has an interpretation', async () => {
    const unknown = async (learn: Learner<AnyModule>) => learn.interpret()
    expectTypeOf(unknown).returns.resolves.toEqualTypeOf<Interpretation<unknown>>()
    using learn = await regressionLearner()
    expect(await unknown(learn)).toBeInstanceOf(Interpretation)
  })
})

describe('showResults', () => {
  const titles = async (figure: Figure) => (await read(figure)).texts.slice(1)

  it('draws other samples, or the first', async () => {
    using learn = toyLearner(await toyLoaders({ valid: 20 }))
    const { decoded, ids } = await learn.getPreds()
    const first = [0, 1].flatMap((i) => [classes[decoded.data[i]!]!, labelOf(ids[i]!)])
    const drawn = await titles(learn.showResults({ maxN: 2, shuffle: false }))
    expect(drawn.filter((t) => classes.includes(t!))).toEqual(first)
    expect(await titles(learn.showResults({ maxN: 2, seed: false }))).toEqual(drawn)
    const shuffled = await titles(learn.showResults({ maxN: 6 }))
    expect(await titles(learn.showResults({ maxN: 6, seed: 42 }))).toEqual(shuffled)
    expect(await titles(learn.showResults({ maxN: 6, seed: 5 }))).not.toEqual(shuffled)
    const train = await titles(learn.showResults({ dsIdx: 0, maxN: 1, shuffle: false }))
    expect(train).toContain(labelOf('row 0'))
  })

  it('shows what has no label too', async () => {
    using learn = toyLearner(await toyLoaders())
    const dl = learn.dls.testDl(['row 50'])
    expect(await titles(learn.showResults({ dl }))).toContain('?')
  })
})
