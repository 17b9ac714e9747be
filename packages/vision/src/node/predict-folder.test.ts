import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Learner, tf, useEngine } from '@espalier/core'
import { noSplitter } from '@espalier/data'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { file } from '../../test/files.js'
import {
  ImageDataLoaders,
  loadLearner,
  predictFolder,
  resize,
  resnet18,
  SegmentationDataLoaders,
  unetLearner,
  visionLearner,
  withOptions,
} from './index.js'

const root = mkdtempSync(join(tmpdir(), 'predict-folder-'))
const pictures = join(root, 'pictures')
const slim = withOptions(resnet18, { widen: 0.125 })
const quiet = { pretrained: false, verbose: false } as const
const readable = ['a, "b"/rgb.jpg', 'grey.jpg', 'photo.jpg', 'rgb.png', 'sub/photo.jpg']

beforeAll(async () => {
  await useEngine('wasm')
  for (const folder of ['sub', 'a, "b"']) mkdirSync(join(pictures, folder), { recursive: true })
  for (const name of readable) cpSync(file(name.replace(/.*\//, '')), join(pictures, name))
  cpSync(file('refused-garbage.jpg'), join(pictures, 'refused.jpg'))
  mkdirSync(join(root, 'empty'))
})
afterAll(() => rmSync(root, { recursive: true }))

async function classifier() {
  const files = ['rgb.jpg', 'photo.jpg', 'rgb.png', 'rgba.png'].map(file)
  const dls = await ImageDataLoaders.fromPathFunc(files, (path) => path.replace(/.*\./, ''), {
    bs: 2,
    splitter: noSplitter(),
    itemTfms: [resize(32)],
  })
  return visionLearner(dls, slim, quiet)
}

it('says of every picture of a folder what it is, and writes it down', async () => {
  const before = tf.memory().numTensors
  {
    using learn = await classifier()
    const csv = join(root, 'out/all.csv')
    const { rows, skipped } = await predictFolder(learn as Learner, pictures, { csv, bs: 2 })
    expect(rows.map((r) => r.file)).toEqual(readable.map((name) => join(pictures, name)))
    expect(skipped).toEqual([{ file: join(pictures, 'refused.jpg'), reason: 'not an image: unknown format' }])
    for (const { file: path, label, probability } of rows) {
      const one = await learn.predict(path)
      expect(label).toBe(one.label)
      expect(probability).toBeCloseTo(one.probabilities[one.index]!, 5)
    }
    const lines = readFileSync(csv, 'utf8').split('\n')
    expect(lines).toHaveLength(rows.length + 2)
    expect(lines[0]).toBe('file,label,probability')
    const { label, probability } = rows[0]!
    expect(lines[1]).toBe(`"${join(pictures, 'a, ""b""/rgb.jpg')}",${label},${probability.toFixed(6)}`)
    expect(lines.at(-1)).toBe('')

    await learn.export(join(root, 'model'))
    using loaded = await loadLearner(join(root, 'model'))
    expect((await predictFolder(loaded as Learner, pictures)).rows).toEqual(rows)
  }
  expect(tf.memory().numTensors).toBe(before)
})

it('says what is wrong', async () => {
  using learn = await classifier()
  await expect(predictFolder(learn as Learner, join(root, 'empty'))).rejects.toThrow(
    /^there is no \.jpg, .* file under '.*empty'/,
  )
  await expect(predictFolder(learn as Learner, join(root, 'nowhere'))).rejects.toThrow('nowhere')
  await expect(predictFolder(learn as Learner, pictures, { cvs: 'x' } as object)).rejects.toThrow(
    "predictFolder has no option 'cvs'",
  )
  const masks = await SegmentationDataLoaders.fromLabelFunc(
    [file('mask.png'), file('mask.png')],
    () => file('mask.png'),
    {
      codes: Array.from({ length: 255 }, (_, i) => `class ${i}`),
      bs: 1,
      splitter: noSplitter(),
      itemTfms: [resize(32)],
    },
  )
  using unet = await unetLearner(masks, slim, { ...quiet, imgSize: [32, 32] })
  await expect(predictFolder(unet as unknown as Learner, pictures)).rejects.toThrow(
    'predictFolder is for classifiers, which give one class\n  → for all else: learn.getPreds',
  )
})
