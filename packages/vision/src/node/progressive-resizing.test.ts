import { type Callback, tf, useEngine } from '@espalier/core'
import { beforeAll, expect, it } from 'vitest'
import { file } from '../../test/files.js'
import { augTransforms, normalize, resize, squeezenet1_1, visionLearner } from '../index.js'
import { ImageDataLoaders } from './image-data-loaders.js'

beforeAll(async () => {
  await useEngine('wasm')
})

it('a learner goes on with pictures of another size', async () => {
  const names = ['rgb.jpg', 'photo.jpg', 'rgb.png', 'rgba.png', 'grey.jpg', 'grey.png']
  const dls = await ImageDataLoaders.fromPathFunc(
    names.map(file),
    (path) => (path.endsWith('.jpg') ? 'jpeg' : 'png'),
    {
      bs: 2,
      validPct: 0.34,
      itemTfms: [resize(40)],
      batchTfms: [...augTransforms({ size: 32 }), normalize()],
    },
  )
  const seen: number[][] = []
  const watch: Callback = {
    name: 'watch',
    beforeBatch: ({ x }) => {
      seen.push(x[0]!.shape.slice(1))
    },
  }
  const before = tf.memory().numTensors
  {
    using learn = await visionLearner(dls, squeezenet1_1, {
      pretrained: false,
      normalize: false,
      verbose: false,
      cbs: [watch],
    })
    await learn.fitOneCycle(1, 1e-3)
    expect(new Set(seen.map(String))).toEqual(new Set(['32,32,3']))
    seen.length = 0
    // The statistics of the new pictures are not known yet.
    learn.dls = learn.dls
      .addTfms([resize(64)], 'afterItem')
      .addTfms([...augTransforms({ size: [48, 56] }), normalize()], 'afterBatch')
    await learn.fitOneCycle(1, 1e-3)
    expect(new Set(seen.map(String))).toEqual(new Set(['48,56,3']))
    expect(learn.dls.train.options.itemTfms.map((t) => t.name)).toEqual(['resize', 'toTensor'])
  }
  expect(tf.memory().numTensors).toBe(before)
})
