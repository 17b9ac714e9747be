import {
  type Block,
  type Cell,
  type DataLoaders,
  dataBlock,
  indexSplitter,
  type NdArray,
  ndArray,
  type Target,
  type Transform,
} from '@espalier/data'
import { Learner } from '../src/learner/learner.js'
import { bceWithLogitsLossFlat } from '../src/losses/bce-with-logits.js'
import type { Loss } from '../src/losses/loss.js'
import { mseLossFlat } from '../src/losses/mse.js'
import { withSeed } from '../src/nn/init.js'
import { Linear } from '../src/nn/linear.js'
import { features } from './toy.js'

/** The numbers of {@link features} with targets of other kinds than one class. */

type Floats = NdArray<'float32'>

const vector: Block<string, Floats> = {
  name: 'vector',
  typeTfms: () => [{ name: 'features', encode: (item: string) => ndArray('float32', [4], features(item)) }],
}

const signs = ['first', 'second', 'third']

/** Which of the first three numbers are positive: any number of labels. */
const manyLabels: Transform<string, Floats> & Target<readonly string[]> & { show(code: NdArray): Cell } = {
  name: 'manyLabels',
  c: 3,
  vocab: signs,
  loss: 'bceWithLogits',
  encode: (item) =>
    ndArray(
      'float32',
      [3],
      features(item)
        .slice(0, 3)
        .map((v) => Number(v > 0)),
      'multiCategory',
    ),
  read: (activations) => signs.filter((_, i) => activations[i]! > 0.5),
  show: ({ data }) => ({ text: signs.filter((_, i) => data[i]! > 0).join(';') }),
}

/** The sum of the first two numbers. */
const sum: Transform<string, Floats> & Target<number> = {
  name: 'sum',
  c: 1,
  loss: 'mse',
  encode: (item) => ndArray('float32', [], [features(item)[0]! + features(item)[1]!]),
  read: ([value]) => value!,
}

function learnerOf<P>(target: Transform & Target<P>, lossFunc: Loss): Promise<Learner<Linear, P>> {
  const block: Block<string, Floats, P> = { name: 'target', typeTfms: () => [target] }
  const items = Array.from({ length: 20 }, (_, i) => `row ${i}`)
  return dataBlock({
    blocks: [vector, block],
    getY: (item: string) => item,
    splitter: indexSplitter(items.map((_, i) => i).slice(12)),
  })
    .dataLoaders(items, { bs: 5 })
    .then(
      (dls) =>
        new Learner(
          dls as unknown as DataLoaders<readonly NdArray[], P, unknown>,
          withSeed(7, () => new Linear(4, target.c)),
          { verbose: false, lossFunc },
        ),
    )
}

/** A learner that predicts any number of labels. */
export const multiLearner = () =>
  learnerOf(manyLabels as never, bceWithLogitsLossFlat()) as Promise<Learner<Linear, readonly string[]>>

/** A learner that predicts a number. */
export const regressionLearner = () =>
  learnerOf(sum as never, mseLossFlat()) as Promise<Learner<Linear, number>>
