// `node tools/run.mjs tools/transfer.ts [--seeds 5]`: 37 breeds, eight photos of each to learn from: the error of a new head on
// MobileNetV2, of the whole network after as many epochs, over some seeds
// and the folds of the photos that go with them. Ends with 1 unless the means are at most 0.28 and in order.
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { errorRate, lrSlice, setNativeEngine, Table, useEngine } from '@espalier/core'
import { funcSplitter } from '@espalier/data'
import {
  augTransforms,
  getImageFiles,
  ImageDataLoaders,
  mobilenetV2,
  resize,
  visionLearner,
} from '@espalier/vision'

const { values } = parseArgs({ options: { seeds: { type: 'string', default: '5' } } })
setNativeEngine(() => import('@espalier/tensorflow'))
await useEngine()

const photos = await getImageFiles(fileURLToPath(new URL('../apps/demo/data/pets/images', import.meta.url)))
const breedOf = (path: string) => /([^/\\]+)_\d+\.jpg$/.exec(path)?.[1] ?? ''

/** Every fifth photo of a breed is held out, with each seed another fifth. */
function heldOut(seed: number) {
  const seen = new Map<string, number>()
  return funcSplitter((path: string) => {
    const n = seen.get(breedOf(path)) ?? 0
    seen.set(breedOf(path), n + 1)
    return n % 5 === seed % 5
  })
}

/**
 * The error after nine epochs: all of the head, or three of the head and six of everything. The body rests with the norms
 * in it as long as the head is alone: moved at its rate by so few photos they lose more than they learn.
 */
async function errorOf(seed: number, whole: boolean): Promise<number> {
  const dls = await ImageDataLoaders.fromPathFunc(photos, breedOf, {
    splitter: heldOut(seed),
    bs: 16,
    seed,
    itemTfms: [resize(224)],
    batchTfms: augTransforms({ size: 192, mult: 0.25 }),
  })
  const options = { metrics: [errorRate], trainBn: false, seed, verbose: false }
  using learn = await visionLearner(dls, mobilenetV2, options)
  await learn.fitOneCycle(3, { stop: 5e-3 })
  if (whole) learn.unfreeze()
  await learn.fitOneCycle(6, whole ? lrSlice(3e-5, 3e-4) : { stop: 1e-3 })
  return (await learn.validate())['error_rate'] ?? Number.NaN
}

const rows: (readonly [number, number, number])[] = []
for (let seed = 1; seed <= Number(values.seeds); seed++) {
  rows.push([seed, await errorOf(seed, false), await errorOf(seed, true)])
  console.log(new Table(['seed', 'head', 'all'], rows.slice(-1)).toText())
}
const mean = (column: 1 | 2) => rows.reduce((sum, row) => sum + row[column], 0) / rows.length
const ok = mean(2) <= 0.28 && mean(2) < mean(1)
console.log(
  `${ok ? '✓' : '✗'} error ${mean(2).toFixed(3)}, at most 0.28; of the head alone ${mean(1).toFixed(3)}`,
)
process.exitCode = ok ? 0 : 1
