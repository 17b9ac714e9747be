import { createHash } from 'node:crypto'
import {
  type Block,
  type CategoryPrediction,
  categoryBlock,
  type DataLoaders,
  dataBlock,
  indexSplitter,
  type LoaderOptions,
  type NdArray,
  ndArray,
  noSplitter,
  Random,
} from '@espalier/data'
import type * as tf from '../src/engine/tf.js'
import { stateDict } from '../src/io/state-dict.js'
import { Learner } from '../src/learner/learner.js'
import type { LearnerOptions } from '../src/learner/learner-options.js'
import { ReLU } from '../src/nn/activations.js'
import { BatchNorm } from '../src/nn/batch-norm.js'
import { Dropout } from '../src/nn/dropout.js'
import { withSeed } from '../src/nn/init.js'
import { Linear } from '../src/nn/linear.js'
import { Module } from '../src/nn/module.js'

/** A task small enough to train in milliseconds: which of the first three of four numbers is the largest. */

export const classes = ['a', 'b', 'c']

/** The four numbers behind an item called `row 7`. */
export function features(item: string): number[] {
  const random = new Random(1, 'toy', Number(item.split(' ')[1]))
  return Array.from({ length: 4 }, () => random.normal())
}

export function labelOf(item: string): string {
  const [a, b, c] = features(item) as [number, number, number]
  return classes[a > b && a > c ? 0 : b > c ? 1 : 2]!
}

/** An item's numbers as a vector; `encode` may make something else of them. */
function vectorBlock(encode = features): Block<string, NdArray<'float32'>> {
  return {
    name: 'vector',
    typeTfms: () => [{ name: 'features', encode: (item: string) => ndArray('float32', [4], encode(item)) }],
  }
}

export type ToyLoaders = DataLoaders<
  readonly [NdArray<'float32'>, NdArray<'int32'>],
  CategoryPrediction,
  unknown
>

export interface ToyOptions extends LoaderOptions {
  readonly train?: number
  readonly valid?: number
  /** Where an item's numbers come from. */
  readonly encode?: (item: string) => number[]
}

export function toyLoaders({
  train = 24,
  valid = 8,
  encode = features,
  ...options
}: ToyOptions = {}): Promise<ToyLoaders> {
  const items = Array.from({ length: train + valid }, (_, i) => `row ${i}`)
  return dataBlock({
    blocks: [vectorBlock(encode), categoryBlock({ vocab: classes })],
    getY: labelOf,
    splitter: valid === 0 ? noSplitter() : indexSplitter(items.map((_, i) => i).slice(train)),
  }).dataLoaders(items, { bs: 8, ...options })
}

/** Two layers with all that a run must carry: running statistics and dropout. */
export class Mlp extends Module<[tf.Tensor2D], tf.Tensor2D> {
  readonly hidden = new Linear(4, 8)
  readonly norm = new BatchNorm(8, { ndim: 1 })
  readonly act = new ReLU()
  readonly drop = new Dropout(0.2)
  readonly out = new Linear(8, 3)

  forward(x: tf.Tensor2D): tf.Tensor2D {
    return this.out.forward(this.drop.forward(this.act.forward(this.norm.forward(this.hidden.forward(x)))))
  }
}

/** Body and head of an {@link Mlp}. */
const bodyAndHead = (m: Mlp) => [[...m.hidden.parameters(), ...m.norm.parameters()], m.out.parameters()]

export type ToyLearner = Learner<Mlp, CategoryPrediction>

/** A quiet learner with the same first weights every time. */
export function toyLearner(dls: ToyLoaders, options: LearnerOptions<Mlp> = {}): ToyLearner {
  return new Learner(
    dls,
    withSeed(7, () => new Mlp()),
    { verbose: false, splitter: bodyAndHead, ...options },
  )
}

/** A hash of all that a run is: weights, statistics, what the optimizer remembers, and where the run stands. */
export function fingerprint({ model, opt, run }: ToyLearner): string {
  const hash = createHash('sha256')
  for (const [name, { data }] of stateDict(model)) hash.update(name).update(bytesOf(data))
  for (const params of opt.groups) {
    for (const p of params) {
      const state = opt.state.get(p)
      hash.update(`count ${state?.count}`)
      for (const [name, slot] of state?.slots ?? []) hash.update(name).update(bytesOf(slot.dataSync()))
    }
  }
  const modes = [...model.modules()].map(([, m]) => m.training)
  hash.update(JSON.stringify([opt.hypers, opt.frozenIdx, run, modes]))
  return hash.digest('hex')
}

function bytesOf(data: ArrayBufferView): Uint8Array {
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
}

/** The weights alone, as one list of numbers. */
export function weightsOf({ model }: ToyLearner): number[] {
  return [...model.weights()].flatMap((w) => [...w.variable.dataSync()])
}
