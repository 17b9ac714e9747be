import { join } from 'node:path'
import type { NdArray } from '@espalier/data'
import { compare, type Difference, type GoldenCase, goldenFolder } from '@espalier/testkit'
import { type RasterImage, randomResizedCrop, resizeRect } from '../src/index.js'
import { openImage } from '../src/node/index.js'
import { context } from './draws.js'

type Result = readonly [key: string, pixels: NdArray<'uint8'>]
type SizeJson = number | readonly [number, number]

interface ResizeRow {
  readonly key: string
  readonly file: string
  readonly mode: 'RGB' | 'mask'
  readonly size: SizeJson
  readonly method: 'squish' | 'crop' | 'pad'
  readonly pad_mode: 'zeros' | 'border' | 'reflection'
  readonly pcts: readonly [number, number]
}

/** Checks a case of topic `vision/images`; the files it names lie in `folder`. Undefined for a case of another kind. */
export async function checkImageCase(
  golden: GoldenCase,
  folder = join(process.env['ESPALIER_GOLDEN'] ?? goldenFolder, golden.json.topic),
): Promise<readonly Difference[] | undefined> {
  const results = await runCase(golden, folder)
  return results?.map(([key, { shape, data }]) =>
    compare(key, { shape: fill(shape), values: data }, golden.expected(key)),
  )
}

/** Masks come as [h, w], the cases write [h, w, 1]. */
const fill = (shape: readonly number[]) => (shape.length === 2 ? [...shape, 1] : shape)

async function runCase(golden: GoldenCase, folder: string): Promise<readonly Result[] | undefined> {
  const { config, expected } = golden.json
  if (Array.isArray(config['files'])) return decodeAll(config['files'], folder)
  if (Array.isArray(expected['rows'])) {
    const rows = expected['rows'] as readonly ResizeRow[]
    return Promise.all(
      rows.map(async (row) => [row.key, await resized(row, join(folder, row.file))] as const),
    )
  }
  return 'window' in config ? randomCrops(config, folder) : undefined
}

async function decodeAll(files: readonly string[], folder: string): Promise<readonly Result[]> {
  const results: Result[] = []
  for (const mode of ['RGB', 'L'] as const) {
    const open = openImage({ mode })
    for (const file of files) {
      const image = (await open.encode(join(folder, file), context(1))) as RasterImage
      results.push([`${file}.${mode}`, await image.pixels()])
    }
  }
  return results
}

async function resized({ mode, size, method, pad_mode, pcts }: ResizeRow, file: string) {
  const open = mode === 'mask' ? openImage({ mode: 'L' }, 'mask') : openImage({ mode })
  const image = (await open.encode(file, context(1))) as RasterImage
  const [height, width] = typeof size === 'number' ? [size, size] : size
  const target = { width, height }
  const part =
    method === 'squish' ? image : image.crop(resizeRect(await image.size(), target, method, pcts), pad_mode)
  return part.resize(target).pixels()
}

async function randomCrops(config: GoldenCase['json']['config'], folder: string): Promise<readonly Result[]> {
  const { file, size, min_scale, window } = config as {
    readonly file: string
    readonly size: number
    readonly min_scale: number
    readonly window: {
      readonly crop_wh: readonly [number, number]
      readonly tl_xy: readonly [number, number]
    }
  }
  const image = (await openImage().encode(join(folder, file), context(1))) as RasterImage
  const tfm = randomResizedCrop(size, { minScale: min_scale })
  const [width, height] = window.crop_wh
  const [left, top] = window.tl_xy
  const valid = (await tfm.encode(image, undefined, context(1))) as RasterImage
  const train = (await tfm.encode(image, { left, top, width, height }, context(0))) as RasterImage
  return [
    ['valid', await valid.pixels()],
    ['train', await train.pixels()],
  ]
}
