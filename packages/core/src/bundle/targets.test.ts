import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  type AnyBlock,
  type DataLoaders,
  dataBlock,
  indexSplitter,
  multiCategoryBlock,
  type NdArray,
  ndArray,
  regressionBlock,
  transformBlock,
} from '@espalier/data'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { useEngine } from '../engine/engine.js'
import { Learner } from '../learner/learner.js'
import { withSeed } from '../nn/init.js'
import { Linear } from '../nn/linear.js'
import type { AnyModule } from '../nn/module.js'
import '../node/install.js'
import { loadLearner } from './load-learner.js'
import { registerPart } from './parts.js'

const root = mkdtempSync(join(tmpdir(), 'espalier-targets-'))
afterAll(() => rmSync(root, { recursive: true }))

const toVector = {
  name: 'toVector',
  toJSON: () => ({}),
  encode: (x: number) => ndArray('float32', [2], [Math.sin(x), Math.cos(x)]),
}
beforeAll(async () => {
  await useEngine('cpu')
  registerPart('transform', 'toVector', () => toVector as never)
  registerPart('model', 'oneLayer', ({ nOut }: { nOut: number }) => new Linear(2, nOut))
})

const items = Array.from({ length: 40 }, (_, i) => i / 3)
/** The loaders of a task whose labels follow from the numbers, and a learner that has seen them. */
async function trained<P>(target: AnyBlock, label: (x: number) => unknown): Promise<Learner<AnyModule, P>> {
  const dls = await dataBlock({
    blocks: [transformBlock({ name: 'x', typeTfms: () => [toVector] }), target],
    getY: label as never,
    splitter: indexSplitter([3, 9, 17, 33]),
  }).dataLoaders(items, { bs: 9 })
  const nOut = dls.c
  const model = withSeed(1, () => new Linear(2, nOut))
  const portable = { name: 'oneLayer', toJSON: () => ({ nOut }) }
  const learn = new Learner<AnyModule, P>(
    dls as unknown as DataLoaders<readonly NdArray[], P, unknown>,
    model,
    {
      verbose: false,
      portable,
    },
  )
  await learn.fit(25, 0.1)
  return learn
}

const cases: readonly (readonly [string, AnyBlock, (x: number) => unknown])[] = [
  [
    'labels',
    multiCategoryBlock({ thresh: 0.4 }),
    (x) => [...(Math.sin(x) > 0 ? ['up'] : []), ...(Math.cos(x) > 0 ? ['right'] : [])],
  ],
  ['encoded labels', multiCategoryBlock({ encoded: true, vocab: ['up'] }), (x) => [Math.sin(x) > 0 ? 1 : 0]],
  ['a number', regressionBlock(), (x) => 2 * Math.sin(x) + 1],
  ['numbers', regressionBlock({ nOut: 2 }), (x) => [Math.sin(x), -Math.cos(x)]],
]

it.each(cases)(
  '%s are learnt, predicted, shown, and predicted again from an export',
  async (name, block, label) => {
    using learn = await trained<unknown>(block, label)
    const path = join(root, name)
    await learn.export(path)
    using loaded = await loadLearner(path)
    expect(loaded.lossFunc.name).toBe(learn.lossFunc.name)
    for (const x of [1, 2.5, 4]) expect(await loaded.predict(x)).toEqual(await learn.predict(x))
    expect(await learn.showResults({ maxN: 2 }).toSVG()).toContain('<svg')
    expect(await learn.dls.showBatch({ maxN: 1 })).toBeDefined()
  },
)

it('what is predicted is what was learnt', async () => {
  using labels = await trained<{ readonly labels: readonly string[] }>(cases[0]![1], cases[0]![2])
  expect((await labels.predict(Math.PI / 4)).labels).toEqual(['right', 'up'])
  expect((await labels.predict(Math.PI * 1.25)).labels).toEqual([])
  const { decoded, preds } = await labels.getPreds()
  expect(Array.from(decoded.data)).toEqual(Array.from(preds.data, (p) => Number(p > 0.4)))
  using number = await trained<number>(cases[2]![1], cases[2]![2])
  expect(await number.predict(Math.PI / 2)).toBeCloseTo(3, 0)
  using numbers = await trained<number[]>(cases[3]![1], cases[3]![2])
  const [sin, cos] = await numbers.predict(0)
  expect(sin).toBeCloseTo(0, 0)
  expect(cos).toBeCloseTo(-1, 0)
})
