import { cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  AdaptiveAvgPool2d,
  type AnyModule,
  accuracy,
  BatchNorm,
  Conv2d,
  Linear,
  Module,
  tf,
  useEngine,
} from '@espalier/core'
import { funcSplitter, parentLabel } from '@espalier/data'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { arch, getImageFiles, ImageDataLoaders, resize, visionLearner } from '../src/node/index.js'
import { file } from './files.js'

/** Pictures of every kind that lies about in data sets. */
const readable = [
  'rgb.jpg',
  'grey.jpg',
  'cmyk.jpg',
  'progressive.jpg',
  'rgb16.png',
  'grey16.png',
  'palette.png',
  'palette-alpha.png',
  'rgba.png',
  'bilevel.png',
  'animated.gif',
  'lzw.tif',
  'exif-3.jpg',
  'exif-6.jpg',
  'exif-8.jpg',
  'tall.png',
]
const refused: Readonly<Record<string, string>> = {
  'refused-garbage.jpg': 'not an image: unknown format',
  'refused-truncated.jpg': 'truncated JPEG',
  'refused-truncated.png': 'truncated PNG',
  'refused-empty.jpg': 'empty file',
  'refused-huge.png': '60000×60000 px, at most 32 megapixels are read',
  'refused-svg.jpg': 'not an image: SVG is not read',
  'refused-html.jpg': 'not an image: a web page',
}

class Tiny extends Module<[tf.Tensor4D], tf.Tensor2D> {
  readonly conv = new Conv2d(3, 4, 3, { stride: 4, padding: 1 })
  readonly norm = new BatchNorm(4)
  readonly pool = new AdaptiveAvgPool2d(1)
  readonly fc = new Linear(4, 10)
  readonly channels = [4]

  get stages(): readonly AnyModule[] {
    return [this.conv]
  }

  groups() {
    return [this.parameters()]
  }

  forward(x: tf.Tensor4D): tf.Tensor2D {
    const pooled = this.pool.forward(this.norm.forward(this.conv.forward(x)))
    return this.fc.forward(tf.reshape(pooled, [x.shape[0], 4]))
  }
}
const tiny = arch('test-for-bad-pictures', () => new Tiny())

const root = mkdtempSync(join(tmpdir(), 'espalier-bad-'))
afterAll(() => rmSync(root, { recursive: true }))

/** Every picture lies in both parts of both classes. */
beforeAll(async () => {
  await useEngine('wasm')
  for (const part of ['train', 'valid']) {
    for (const label of ['a', 'b']) {
      mkdirSync(join(root, part, label), { recursive: true })
      for (const name of [...readable, ...Object.keys(refused)])
        cpSync(file(name), join(root, part, label, name))
    }
  }
})

it('a training passes over what cannot be read, lists it with the reason, and reads everything else', async () => {
  const dls = await ImageDataLoaders.fromPathFunc(await getImageFiles(root), parentLabel, {
    splitter: funcSplitter((path: string) => path.includes('/valid/')),
    bs: 8,
    itemTfms: [resize(16)],
  })
  expect(dls.train.dataset).toHaveLength(2 * (readable.length + Object.keys(refused).length))
  using learn = await visionLearner(dls, tiny, { pretrained: false, metrics: [accuracy], verbose: false })
  const seen: string[] = []
  await learn.fit(2, 1e-3, {
    cbs: [
      {
        name: 'watch',
        runValid: false,
        beforeBatch: ({ batch, dl }) => void seen.push(...batch.indices.map((i) => dl.dataset.id(i))),
      },
    ],
  })
  // 2 × 16 readable pictures are four batches of 8, in the first epoch and in the second.
  expect(learn.recorder.iters).toEqual([4, 8])
  expect(learn.recorder.values.flat().every(Number.isFinite)).toBe(true)
  const read = seen.slice(0, 32).map((path) => path.split('/').at(-1))
  expect(read.sort()).toEqual([...readable, ...readable].sort())
  for (const loader of [learn.dls.train, learn.dls.valid]) {
    const listed = [...loader.skipped.values()].map(({ id, reason }) => [id.split('/').at(-1), reason])
    expect(listed.sort()).toEqual([...Object.entries(refused), ...Object.entries(refused)].sort())
  }
  const { ids, preds } = await learn.getPreds()
  expect(preds.shape).toEqual([32, 2])
  expect(ids.map((path) => path.split('/').at(-1)).sort()).toEqual([...readable, ...readable].sort())
  const interp = await learn.interpret()
  expect(interp.topLosses()).toHaveLength(32)
})

it('one picture that cannot be read is an error that names it and the reason', async () => {
  const dls = await ImageDataLoaders.fromFolder(root, { bs: 8, itemTfms: [resize(16)] })
  using learn = await visionLearner(dls, tiny, { pretrained: false, verbose: false })
  for (const [name, reason] of Object.entries(refused)) {
    const path = join(root, 'train', 'a', name)
    await expect(learn.predict(path)).rejects.toThrow(
      `cannot read ${path}: ${reason}\n  → give what the model`,
    )
  }
  await expect(learn.predict('nowhere.jpg')).rejects.toThrow('cannot read nowhere.jpg: no such file')
  await expect(learn.predict(Buffer.alloc(0))).rejects.toThrow('cannot read item 0: empty file')
  for (const [input, got] of [
    [{}, '{}'],
    [undefined, 'undefined'],
    [[join(root, 'a.jpg')], '["'],
    [new URL('https://example.com/a.jpg'), 'URL'],
  ] as const) {
    await expect(learn.predict(input)).rejects.toThrow(
      `loading item 0: a picture cannot be opened from ${got}`,
    )
  }
})
