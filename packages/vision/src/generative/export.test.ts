import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Learner, l1LossFlat, tf, useEngine } from '@espalier/core'
import { dataBlock, type NdArray, ndArray, noSplitter, Random } from '@espalier/data'
import { afterAll, beforeAll, expect, it } from 'vitest'
import {
  AddInput,
  createUnetModel,
  type ImagePrediction,
  imageBlock,
  imagenetStats,
  loadLearner,
  normalize,
  squeezenet1_1,
  transformNet,
} from '../node/index.js'

const folder = mkdtempSync(join(tmpdir(), 'generative-'))
afterAll(() => rmSync(folder, { recursive: true }))
beforeAll(() => useEngine('wasm'))

const size = [32, 32] as const
function noise(i: number): NdArray<'uint8'> {
  const random = new Random(i, 'noise')
  return ndArray(
    'uint8',
    [...size, 3],
    Uint8Array.from({ length: 3072 }, () => random.int(256)),
    'image',
  )
}
const pictures = [noise(0), noise(1)]

const models = {
  'a U-Net that adds to its input': async () =>
    new AddInput(await createUnetModel(squeezenet1_1, 3, size, { pretrained: false })),
  'a network that repaints': async () => transformNet({ width: 4, blocks: 1 }),
}

it.each(Object.keys(models) as (keyof typeof models)[])('%s comes back, and can go on', async (name) => {
  const dls = await dataBlock({
    blocks: [imageBlock(), imageBlock()],
    getY: (picture: NdArray<'uint8'>) => picture,
    splitter: noSplitter(),
    batchTfms: [normalize(imagenetStats)],
  }).dataLoaders(pictures, { bs: 2 })
  using learn = new Learner(dls, await models[name](), { lossFunc: l1LossFlat(), verbose: false })
  tf.tidy(() => {
    for (const p of learn.model.parameters()) p.assign(tf.add(p, 0.01))
  })
  const { image }: ImagePrediction = await learn.predict(pictures[0])
  const first = join(folder, name, 'first')
  await learn.export(first)
  using loaded = await loadLearner<ImagePrediction>(first)
  expect([...(await loaded.predict(pictures[0])).image.data]).toEqual([...image.data])

  const second = join(folder, name, 'second')
  await loaded.export(second)
  const said = (at: string) => readFileSync(join(at, 'model.json'), 'utf8')
  expect(JSON.parse(said(second))).toEqual(JSON.parse(said(first)))
})
