import { createHash } from 'node:crypto'
import { type DataLoader, type ItemTransform, isNdArray, stepSpec } from '@espalier/data'
import { expect, it } from 'vitest'
import {
  cropPad,
  dihedralItem,
  flipItem,
  ImageDataLoaders,
  imageBlock,
  maskBlock,
  randomCrop,
  randomResizedCrop,
  ratioResize,
  resize,
} from '../src/node/index.js'
import { file } from './files.js'

const names = ['rgb.jpg', 'grey.jpg', 'progressive.jpg', 'palette.png', 'rgba.png', 'lzw.tif', 'exif-6.jpg']
const broken = ['refused-truncated.jpg', 'refused-svg.jpg', 'refused-huge.png']
const files = Array.from({ length: 6 }, () => [...names, ...broken]).flat()

/** What a loader gives in three epochs: a hash of each batch, and what it left out. */
async function contents(loader: DataLoader): Promise<unknown> {
  const hashes: string[] = []
  for (const epoch of [0, 1, 2]) {
    for await (const { arrays, indices, next } of loader.batches(epoch)) {
      const hash = createHash('sha256').update(`${indices} ${next}`)
      for (const { data, shape, kind } of arrays) hash.update(`${shape} ${kind}`).update(data)
      hashes.push(hash.digest('hex'))
    }
  }
  expect(loader.skipped.size).toBeGreaterThan(0)
  return { hashes, skipped: [...loader.skipped.values()] }
}

/** A step that no thread can make: it darkens bytes by a draw. */
const darken: ItemTransform<number> = {
  name: 'darken',
  order: 6,
  draw: (_, { random }) => random.uniform(),
  encode: (e, draw) => (isNdArray(e) && e.kind === 'image' ? { ...e, data: e.data.map((v) => v * draw) } : e),
}

it('pictures are the same, bit for bit, whoever reads them', async () => {
  const loaders = async (workers: number | undefined, itemTfms: readonly ItemTransform[]) => {
    const dls = await ImageDataLoaders.fromPathFunc(
      files.map((name) => file(name)),
      (path) => (path.endsWith('.jpg') ? 'photo' : 'drawing'),
      { bs: 8, dropLast: false, validPct: 0.3, seed: 11, workers, itemTfms },
    )
    return [dls.train, dls.valid] as const
  }
  for (const itemTfms of [
    [randomResizedCrop(48, { minScale: 0.3 }), flipItem()],
    [resize([40, 56]), darken],
    [ratioResize(64), { name: 'own', order: 2, encode: (e: unknown) => e }, resize(24, { method: 'pad' })],
  ]) {
    const [train, valid] = await loaders(0, itemTfms)
    const alone = [await contents(train), await contents(valid)]
    for (const workers of [1, 2, 4, undefined]) {
      const [threadedTrain, threadedValid] = await loaders(workers, itemTfms)
      expect([await contents(threadedTrain), await contents(threadedValid)]).toEqual(alone)
    }
  }
})

it('threads can make every step that reads pictures', async () => {
  const pictures = [
    ...imageBlock({ grey: true }).typeTfms(),
    ...maskBlock({ codes: ['sky', 'ground'] }).typeTfms(),
    ...(imageBlock().itemTfms ?? []),
    ...[resize(8), randomResizedCrop([8, 9]), randomCrop(8), cropPad(8), ratioResize(8)],
    ...[flipItem(), dihedralItem()],
  ].filter((step) => typeof step !== 'function')
  for (const step of pictures) {
    const spec = stepSpec(step)
    expect(spec, step.name).toBeDefined()
    const made = await import(/* @vite-ignore */ spec!.module)
    const again = made[step.name]?.(spec!.options)
    expect(again?.name).toBe(step.name)
    expect(again.toJSON()).toEqual(spec!.options)
  }
  expect(pictures.length).toBeGreaterThan(9)
})
