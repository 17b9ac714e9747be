import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { accuracy, type Callback, Learner, registerPart, stateDict, useEngine } from '@espalier/core'
import {
  type CategoryPrediction,
  type DataLoader,
  DataLoaders,
  dataBlock,
  datasets,
  EspalierError,
  indexSplitter,
  type NdArray,
  type Splitter,
  stepSpec,
  trainTestSplitter,
} from '@espalier/data'
import { afterAll, beforeAll, expect, expectTypeOf, it } from 'vitest'
import { palettePngOf } from '../../test/make-png.js'
import {
  labelOf,
  type Photo,
  pairLoaders,
  photos,
  SiameseModel,
  siameseModel,
  siameseSplitter,
} from '../../test/siamese-toy.js'
import {
  createBody,
  createHead,
  flipItem,
  intToFloat,
  loadLearner,
  openSiameseImage,
  randomResizedCrop,
  resize,
  resnet18,
  SiameseTransform,
  siameseBlocks,
  siameseGrid,
  siamesePipelines,
  toTensor,
} from './index.js'

const root = mkdtempSync(join(tmpdir(), 'espalier-siamese-'))
afterAll(() => rmSync(root, { recursive: true }))
beforeAll(async () => {
  await useEngine('cpu')
})

/** A hash of each batch of an epoch. */
async function hashes(loader: DataLoader, epoch: number, from = 0): Promise<string[]> {
  const all: string[] = []
  for await (const { arrays, indices, next } of loader.batches(epoch, from)) {
    const hash = createHash('sha256').update(`${indices} ${next}`)
    for (const { data, shape } of arrays) hash.update(`${shape}`).update(data)
    all.push(hash.digest('hex'))
  }
  return all
}

it('a batch is two pictures and a label, and its types say so', async () => {
  const dls = await pairLoaders()
  type Arrays = readonly [NdArray<'uint8'>, NdArray<'uint8'>, NdArray<'int32'>]
  expectTypeOf<Awaited<ReturnType<typeof dls.oneBatch>>['arrays']>().toEqualTypeOf<Arrays>()
  const { arrays, nInp } = await dls.oneBatch()
  expect(arrays.map((a) => [a.shape, a.dtype, a.kind])).toEqual([
    [[6, 8, 8, 3], 'uint8', 'image'],
    [[6, 8, 8, 3], 'uint8', 'image'],
    [[6], 'int32', 'category'],
  ])
  expect([nInp, dls.c, dls.vocab, dls.target?.loss]).toEqual([2, 2, ['different', 'same'], 'crossEntropy'])
  const learn = (given: typeof dls) => new Learner(given, siameseModel())
  expectTypeOf<ReturnType<typeof learn>>().toEqualTypeOf<Learner<SiameseModel, CategoryPrediction>>()
  const predicted = (l: ReturnType<typeof learn>) => l.predict([photos(1)[0], photos(1)[1]])
  expectTypeOf<Awaited<ReturnType<typeof predicted>>>().toEqualTypeOf<CategoryPrediction>()

  // @ts-expect-error a label is a string
  siameseBlocks((path: string) => path.length)

  // The label says whether the pictures of the pair have one colour.
  const colourAt = ({ data }: NdArray, i: number) => {
    const sums = [0, 0, 0]
    for (const [k, v] of data.subarray(i * 192, (i + 1) * 192).entries()) sums[k % 3]! += v
    return sums.indexOf(Math.max(...sums))
  }
  for await (const {
    arrays: [one, other, same],
    indices,
  } of dls.train.batches(3)) {
    for (const i of indices.keys()) expect(same.data[i]).toBe(Number(colourAt(one, i) === colourAt(other, i)))
  }
})

it('the layer below makes the same of a transform and the splits', async () => {
  const files = photos(6)
  const splits = trainTestSplitter<Photo>({ stratify: labelOf, testSize: 0.4 })(files)
  const tfm = new SiameseTransform(files, labelOf, splits)
  const tls = await datasets(files, siamesePipelines(tfm), { splits })
  const dls = DataLoaders.fromDsets(tls, {
    bs: 4,
    itemTfms: [resize(8), toTensor()],
    batchTfms: [intToFloat()],
    render: siameseGrid,
  })
  expectTypeOf(dls.target).toEqualTypeOf<DataLoaders<readonly NdArray[], CategoryPrediction>['target']>()
  const { arrays, nInp } = await dls.oneBatch()
  expect([arrays.length, nInp, dls.vocab]).toEqual([3, 2, ['different', 'same']])
  const block = await dataBlock({
    blocks: siameseBlocks(labelOf),
    getItems: (list: readonly Photo[]) => list,
    splitter: () => splits,
    itemTfms: [resize(8)],
  }).dataLoaders(files, { bs: 4 })
  expect(await hashes(dls.train, 2)).toEqual(await hashes(block.train, 2))
  expect(await hashes(dls.valid, 2)).toEqual(await hashes(block.valid, 2))
  const svg = await dls.showBatch({ maxN: 2 }).toSVG()
  expect(svg.match(/<image /g)).toHaveLength(2)
  expect(svg).toMatch(/>(same|different)</)

  // Several pairs of each photo that was held out.
  using learn = new Learner(dls, siameseModel(), { metrics: [accuracy], verbose: false })
  const pairs = tfm.pairs({ perFile: 4 })
  const more = dls.testDl(pairs, { withLabels: true })
  expect(more.n).toBe(4 * splits[1].length)
  const { preds, targets } = await learn.getPreds({ dl: more })
  expect([...targets[0]!.data]).toEqual(pairs.map(([, , same]) => Number(same)))
  const hits = pairs.filter(
    (_, i) => Number(preds.data[2 * i + 1]! > preds.data[2 * i]!) === targets[0]!.data[i],
  )
  const { accuracy: share } = await learn.validate(more)
  expect(share).toBeCloseTo(hits.length / pairs.length, 5)
})

it('pairs of validation stay over epochs and in other loaders; those of training are drawn anew, from the place alone', async () => {
  const dls = await pairLoaders()
  const again = await pairLoaders()
  const [valid, train] = [await hashes(dls.valid, 0), await hashes(dls.train, 0)]
  expect(await hashes(dls.valid, 1)).toEqual(valid)
  expect(await hashes(again.valid, 7)).toEqual(valid)
  expect(await hashes(again.train, 0)).toEqual(train)
  // The same photos in the same order, were it not for their partners.
  const fixedOrder = await pairLoaders({}, { shuffle: false, dropLast: false })
  expect(await hashes(fixedOrder.train, 1)).not.toEqual(await hashes(fixedOrder.train, 0))
  const { next } = await dls.oneBatch({ epoch: 2 })
  expect(await hashes(again.train, 2, next)).toEqual((await hashes(dls.train, 2)).slice(1))
})

it('a run that was cut goes on to the same weights and the same validation', async () => {
  const killAt = (step: number): Callback => ({
    name: 'kill',
    order: 99,
    afterBatch({ learn, training }) {
      if (training && learn.run.step === step) throw new Error('killed')
    },
  })
  const run = async (dir: string, cut: number) => {
    using learn = new Learner(await pairLoaders(), siameseModel(), {
      metrics: [accuracy],
      splitter: siameseSplitter,
      verbose: false,
    })
    await learn.fitOneCycle(3, 0.01, {
      cbs: [killAt(cut)],
      checkpoint: { dir: join(root, dir), everySteps: 1 },
      resume: true,
    })
    const weights = [...stateDict(learn.model)].map(([key, { data }]) => [key, ...data])
    return { weights, values: learn.recorder.fits.map((f) => f.values) }
  }
  const whole = await run('whole', 0)
  for (const step of [2, 5]) await expect(run('cut', step)).rejects.toThrow('killed')
  expect(await run('cut', 0)).toEqual(whole)
})

it('learns colours, shows results, predicts pairs, and is opened again', async () => {
  const dls = await pairLoaders({ n: 16 }, { bs: 12 })
  const portable = { name: 'SiameseModel', toJSON: () => ({ nf: 8 }) }
  using learn = new Learner(dls, siameseModel(8), {
    splitter: siameseSplitter,
    metrics: [accuracy],
    portable,
    verbose: false,
  })
  await learn.fitOneCycle(14, 0.03)
  expect((await learn.validate())['accuracy']).toBeGreaterThan(0.85)

  const shown = await learn.showResults({ maxN: 3 }).toSVG()
  expect(shown.match(/<image /g)).toHaveLength(6)
  expect(shown.match(/>(same|different)</g)).toHaveLength(6)
  const interp = await learn.interpret()
  expect(
    interp
      .confusionMatrix()
      .flat()
      .reduce((a, b) => a + b),
  ).toBe(dls.valid.n)

  const [red, redder, , blue] = [0, 1, 16, 32].map((i) => photos(16)[i]!)
  const alike = await learn.predict([red, redder])
  const unlike = await learn.predict([red, blue])
  expect([alike.label, unlike.label]).toEqual(['same', 'different'])

  await learn.export(join(root, 'colours'))
  await expect(loadLearner(join(root, 'colours'))).rejects.toThrow(
    /the model 'SiameseModel', which is not known here/,
  )
  registerPart('model', 'SiameseModel', ({ nf }: { readonly nf: number }) => siameseModel(nf))
  using opened = await loadLearner(join(root, 'colours'))
  for (const [pair, before] of [
    [[red, redder], alike],
    [[red, blue], unlike],
  ] as const) {
    const { label, probabilities } = await opened.predict(pair)
    expect([label, [...probabilities]]).toEqual([before.label, [...before.probabilities]])
  }
  for (const wrong of ['one.jpg', [red], red]) {
    await expect(opened.predict(wrong)).rejects.toThrow(
      /this model compares two pictures, got [^\n]*\n {2}→ give a pair: learn\.predict\(\[one, other\]\)/,
    )
  }
})

it('random item transforms draw for each picture of a pair by itself, and bring both to one size', async () => {
  /** All pairs of photos with one another: with shared draws a picture beside its like would be cut alike. */
  const photo = photos(1)[0]!
  const twins = [photo, { ...photo }, photos(1)[1]!, photos(1)[2]!]
  const colour = (p: Photo) => (twins.indexOf(p) < 2 ? 'a' : 'b')
  const block = (itemTfms: Parameters<typeof pairLoaders>[0] & object) =>
    dataBlock({
      blocks: siameseBlocks(colour),
      getItems: (list: readonly Photo[]) => list,
      splitter: Object.assign(() => [[0, 1, 2, 3], []] as const, { mayBeEmpty: true }),
      ...itemTfms,
    }).dataLoaders(twins, { bs: 4, shuffle: false, dropLast: false })
  const twinPairs = async (itemTfms: Parameters<typeof block>[0]['itemTfms'] & object) => {
    const dls = await block({ itemTfms })
    let [equal, n] = [0, 0]
    for (let epoch = 0; epoch < 40; epoch++) {
      for await (const {
        arrays: [one, other, same],
      } of dls.train.batches(epoch)) {
        expect(one.shape).toEqual(other.shape)
        for (const i of [0, 1]) {
          if (same.data[i] !== 1) continue
          const size = one.data.length / 4
          const [a, b] = [one, other].map(({ data }) => data.subarray(i * size, (i + 1) * size))
          equal += Number(Buffer.compare(a!, b!) === 0)
          n++
        }
      }
    }
    return equal / n
  }
  expect(await twinPairs([resize(8, { method: 'squish' })])).toBe(1)
  expect(await twinPairs([randomResizedCrop(8, { minScale: 0.3 })])).toBeLessThan(0.1)
  const flipped = await twinPairs([flipItem(), resize(8, { method: 'squish' })])
  expect(flipped).toBeGreaterThan(0.3)
  expect(flipped).toBeLessThan(0.7)
})

it('what is frozen is the encoder without its norms', async () => {
  using body = await createBody(resnet18, { cut: -2, pretrained: false })
  const model = new SiameseModel(body, createHead(512 * 2, 2))
  const learn = new Learner(await pairLoaders(), model, { splitter: siameseSplitter, verbose: false })
  const names = new Map([...model.weights()].map((w) => [w.variable, w.path]))
  learn.freeze()
  const trains = learn.opt.trainable.map((v) => names.get(v)!)
  const encoder = trains.filter((path) => path.startsWith('encoder.'))
  const norms = /^encoder\.(1|\d\.\d\.(bn\d|downsample\.1))\.(weight|bias)$/
  expect(encoder).toHaveLength(40)
  expect(encoder.filter((path) => !norms.test(path))).toEqual([])
  expect(trains.filter((path) => path.startsWith('head.'))).toHaveLength(params(model))
  learn.unfreeze()
  expect(learn.opt.trainable).toHaveLength(model.parameters().length)
  learn[Symbol.dispose]()
})

const params = (model: SiameseModel) => model.head.parameters().length

it('photos in files go through worker threads, and an unreadable partner is named', async () => {
  const files = ['a', 'b'].flatMap((label, l) =>
    Array.from({ length: 4 }, (_, i) => {
      const path = join(root, `${label}_${i}.png`)
      const rows = Array.from({ length: 9 + i }, (_, y) =>
        Array.from({ length: 12 }, (_, x) => (x * y + l) % 4),
      )
      writeFileSync(
        path,
        palettePngOf(rows, {
          palette: [
            [9, 9, 9],
            [200, 0, 0],
            [0, 200, 0],
            [0, 0, 200],
          ],
        }),
      )
      return path
    }),
  )
  const breed = (path: string) => path.split(/[/\\]/).at(-1)!.split('_')[0]!
  const loaders = (list: readonly string[], workers: number) =>
    dataBlock({
      blocks: siameseBlocks(breed),
      getItems: (all: readonly string[]) => all,
      splitter: trainTestSplitter<string>({ stratify: breed, testSize: 0.5 }),
      itemTfms: [randomResizedCrop(8)],
    }).dataLoaders(list, { bs: 2, workers })
  const [alone, threaded] = [await loaders(files, 0), await loaders(files, 2)]
  for (const epoch of [0, 1])
    expect(await hashes(threaded.train, epoch)).toEqual(await hashes(alone.train, epoch))
  const steps = siameseBlocks(breed)[1].typeTfms()
  const spec = stepSpec(steps.at(-1) as never)
  expect(spec).toMatchObject({ name: 'pictureOfPair', options: { at: 1 } })
  const made = await import(/* @vite-ignore */ spec!.module)
  expect(made.pictureOfPair(spec!.options).toJSON()).toEqual(spec!.options)

  const image = await openSiameseImage([files[0]!, files[5]!, false])
  expect((await image.pixels()).shape).toEqual([9, 34, 3])

  writeFileSync(join(root, 'b_9.png'), 'no picture')
  const broken = await loaders([...files, join(root, 'b_8.png'), join(root, 'b_9.png')], 0)
  const epochs = async () => {
    for (let epoch = 0; epoch < 30; epoch++) await hashes(broken.train, epoch)
  }
  const error = await epochs().catch((e: unknown) => e)
  expect(error).toBeInstanceOf(EspalierError)
  expect((error as Error).message).toMatch(
    /b_[89]\.png, the partner of .*_\d\.png, cannot be read: .*\n {2}→ leave it out/,
  )
})

it('says which photos make no pairs, and what it does to the others', async () => {
  const block = (splitter: Splitter<Photo>) =>
    dataBlock({
      blocks: siameseBlocks(labelOf),
      getItems: (n: number) => photos(n),
      splitter,
      itemTfms: [resize(8)],
    })
  const failed = (valid: readonly number[]) =>
    block(indexSplitter(valid))
      .dataLoaders(4, { bs: 4 })
      .then(
        () => 'fine',
        (error: Error) => error.message,
      )
  expect(await failed([0, 1, 4])).toMatch(/^of 'green' \(.*\) there is a single validation file/)
  expect(await failed([4, 5])).toMatch(/^all validation files have the label 'green'/)
  expect(await failed([0, 1, 2, 4, 5])).toMatch(/^of 'red' \(.*\) there is a single training file/)
  expect(await failed([0, 1, 4, 5])).toBe('fine')
  const summary = await block(trainTestSplitter({ stratify: labelOf })).summary(20)
  expect(summary).toMatch(/siamese → .*\n {2}pictureOfPair → RasterImage\n/)
  expect(summary).toMatch(/labelOfPair → string "(same|different)"\n {2}categorize → category int32 \[\]\n/)
  expect(() => siameseBlocks(labelOf, { sead: 1 } as object)).toThrow(/did you mean seed/)
})
