import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { useEngine } from '@espalier/core'
import { categoryBlock, dataBlock, EspalierError, noSplitter } from '@espalier/data'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { file } from '../../test/files.js'
import { imagenetStats, normalize, resize, squeezenet1_1, visionLearner } from '../index.js'
import { imageBlock } from './image-block.js'
import { loadLearner } from './load-learner.js'

const root = mkdtempSync(join(tmpdir(), 'espalier-load-'))
afterAll(() => rmSync(root, { recursive: true }))
const original = join(root, 'original')
const names = ['rgb.jpg', 'photo.jpg', 'rgb.png', 'rgba.png']
let predicted: readonly number[]

beforeAll(async () => {
  await useEngine('wasm')
  const dls = await dataBlock({
    blocks: [imageBlock(), categoryBlock()],
    getItems: (list: readonly string[]) => list.map(file),
    getY: (path: string) => (path.endsWith('.jpg') ? 'jpeg' : 'png'),
    splitter: noSplitter(),
    itemTfms: [resize(48)],
    batchTfms: [normalize(imagenetStats)],
  }).dataLoaders(names, { bs: 4 })
  using learn = await visionLearner(dls, squeezenet1_1, { pretrained: false, verbose: false })
  predicted = [...(await learn.predict(file('photo.jpg'))).probabilities]
  await learn.export(original)
})

it('opens what a vision learner exported, in any place and from any source', async () => {
  const sources = [original, async (name: string) => new Uint8Array(readFileSync(join(original, name)))]
  for (const source of sources) {
    using learn = await loadLearner(source)
    const { label, probabilities } = await learn.predict(file('photo.jpg'))
    expect(['jpeg', 'png']).toContain(label)
    expect([...probabilities]).toEqual(predicted)
  }
})

type Options = Record<string, unknown>
interface Manifest {
  readonly model: { readonly options: Options }
  readonly itemTfms: { name: string; options: Options }[]
}

it.each<[what: string, change: (manifest: Manifest) => void, message: RegExp]>([
  [
    'an architecture that is not known',
    (m) => Object.assign(m.model.options, { arch: 'resnet999' }),
    /the options of the model 'visionModel' are not valid: there is no architecture 'resnet999'\n {2}→ one of resnet18, /,
  ],
  [
    'an architecture by the name of a prototype',
    (m) => Object.assign(m.model.options, { arch: '__proto__' }),
    /there is no architecture '__proto__'/,
  ],
  [
    'a head of a size that no one means',
    (m) => Object.assign(m.model.options, { head: { nf: 512, nOut: 1e9 } }),
    /the model asks for layers of \[3,512,1000000000\] units, more than can be meant\n {2}→ the file is damaged/,
  ],
  [
    'no head',
    (m) => Object.assign(m.model.options, { head: null }),
    /the model asks for layers of \[3,,\] units, more than can be meant/,
  ],
  [
    'a head for other classes',
    (m) => Object.assign(m.model.options, { head: { nf: 512, nOut: 7 } }),
    /these weights do not fit the Sequential: 1 of another shape: .* is \[2,512\], expected \[7,512\]/,
  ],
  [
    'a size that is none',
    (m) => Object.assign(m.itemTfms[0]!.options, { size: 'x' }),
    /the options of the itemTransform 'resize' are not valid: resize: the size must be .*, got string "x"\n/,
  ],
  [
    'a transform that is not known',
    (m) => Object.assign(m.itemTfms[0]!, { name: 'eval' }),
    /the model needs the itemTransform 'eval', which is not known here\n {2}→ .*known: toTensor, resize,/,
  ],
])('refuses a model that asks for %s, and leaves nothing', async (what, change, message) => {
  const path = join(root, what.replaceAll(' ', '-'))
  cpSync(original, path, { recursive: true })
  const manifest = JSON.parse(readFileSync(join(path, 'model.json'), 'utf8')) as Manifest
  change(manifest)
  writeFileSync(join(path, 'model.json'), JSON.stringify(manifest))
  const error = await loadLearner(path).catch((e: unknown) => e)
  expect(error).toBeInstanceOf(EspalierError)
  expect((error as Error).message).toMatch(message)
  expect((error as Error).message).toContain(`cannot load '${path}': `)
})
