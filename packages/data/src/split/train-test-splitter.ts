import { checkOptions } from '../check-options.js'
import { describe, describeNumber } from '../describe.js'
import { EspalierError, listed } from '../errors.js'
import { Random } from '../random/random.js'
import type { Splits, Splitter } from './splitter.js'
import { stratified } from './stratify.js'

/** How a {@link trainTestSplitter} divides items; the names are scikit-learn's. */
export interface TrainTestSplitterOptions<Item> {
  /** A share in (0, 1), rounded up, or a number of items. Default 0.2, or what `trainSize` leaves. */
  readonly testSize?: number
  /** A share in (0, 1), rounded down, or a number of items. Default: what `testSize` leaves. */
  readonly trainSize?: number
  /** The seed. Default 42. */
  readonly randomState?: number
  /** A class for each item: both parts hold them in the same proportions. A list, or a function of an item. */
  readonly stratify?: readonly unknown[] | ((item: Item) => unknown)
  /** False takes the first items to train and those after them to validate. Default true. */
  readonly shuffle?: boolean
}

/**
 * Divides items as scikit-learn's `train_test_split` does (fastai's `TrainTestSplitter`), stratified where asked for:
 * sizes and proportions are the same, the permutation is our own.
 *
 * @example
 * trainTestSplitter({ testSize: 0.2, stratify: parentLabel, randomState: 1 })
 */
export function trainTestSplitter<Item = unknown>(
  options: TrainTestSplitterOptions<Item> = {},
): Splitter<Item> {
  checkOptions('trainTestSplitter', options, ['testSize', 'trainSize', 'randomState', 'stratify', 'shuffle'])
  const { testSize, trainSize, randomState = 42, stratify, shuffle = true } = options
  checkSize('testSize', testSize)
  checkSize('trainSize', trainSize)
  if (stratify !== undefined && !shuffle) {
    throw problem(
      'stratify needs shuffle: the first items hold no classes in proportion',
      'leave shuffle out',
    )
  }
  return (items): Splits => {
    const { train, test } = sizes(items.length, testSize, trainSize)
    if (!shuffle) return [range(0, train), range(train, train + test)]
    const random = new Random(randomState, 'split')
    if (stratify === undefined) {
      const order = random.permutation(items.length)
      return [order.slice(test, test + train), order.slice(0, test)]
    }
    return stratified(classesOf(items, stratify), train, test, random)
  }
}

function sizes(n: number, testSize: number | undefined, trainSize: number | undefined) {
  const ofTest = testSize ?? (trainSize === undefined ? 0.2 : undefined)
  const counted = (size: number, round: (x: number) => number) => (size < 1 ? round(size * n) : size)
  const test = ofTest === undefined ? undefined : counted(ofTest, Math.ceil)
  const train = trainSize === undefined ? n - test! : counted(trainSize, Math.floor)
  const both = { train, test: test ?? n - train }
  if (both.train + both.test > n || both.train < 0 || both.test < 0) {
    throw problem(
      `${n} items cannot be divided into ${both.train} to train and ${both.test} to validate`,
      'ask for fewer, or for shares such as testSize: 0.2',
    )
  }
  return both
}

function classesOf<Item>(
  items: readonly Item[],
  stratify: readonly unknown[] | ((item: Item) => unknown),
): readonly unknown[] {
  const classes = typeof stratify === 'function' ? items.map(stratify) : stratify
  if (!Array.isArray(classes)) {
    throw problem(
      `stratify must be a list of classes or a function of an item, got ${describe(classes)}`,
      'say stratify: parentLabel',
    )
  }
  if (classes.length !== items.length) {
    throw problem(
      `stratify has ${classes.length} classes for ${items.length} items`,
      'give one for each item',
    )
  }
  const missing = classes.flatMap((c, i) => (c === undefined || c === null ? [i] : []))
  if (missing.length === 0) return classes
  throw problem(`items ${listed(missing)} have no class to stratify by`, 'give every item one')
}

function checkSize(option: string, size: unknown): void {
  if (size === undefined) return
  const share = typeof size === 'number' && size > 0 && size < 1
  if (share || (Number.isInteger(size) && Number(size) >= 1)) return
  throw problem(
    `${option} must be a share in (0, 1) or a whole number of items, got ${describeNumber(size)}`,
    `say ${option}: 0.2`,
  )
}

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from }, (_, i) => from + i)
}

function problem(text: string, fix: string): EspalierError {
  return new EspalierError('split/sizes', `trainTestSplitter: ${text}`, { fix })
}
