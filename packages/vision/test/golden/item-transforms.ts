import { type NdArray, ndArray } from '@espalier/data'
import { compare, type Difference, type GoldenCase } from '@espalier/testkit'
import type { Rect, Size } from '../../src/image/geometry.js'
import { sizeFrom } from '../../src/image/size-option.js'
import {
  cropPad,
  dihedralItem,
  flipItem,
  type PadMode,
  RasterImage,
  randomCrop,
  randomRect,
  randomResizedCrop,
  ratioResize,
  resize,
  resizeRect,
  type Turn,
} from '../../src/index.js'
import { context, goldenDraws } from '../draws.js'
import { compareExactly } from './numbers.js'

type SizeJson = number | readonly [number, number]
type Method = 'crop' | 'pad' | 'squish'
interface CropJson {
  readonly crop_wh: unknown
  readonly tl_xy: unknown
  readonly resize_to_wh: unknown
}

export async function itemTransformCase(golden: GoldenCase): Promise<readonly Difference[]> {
  const { case: name } = golden.json
  if (name.startsWith('resize_math')) return resizeMath(golden)
  if (name.startsWith('resize_images')) return resizeImages(golden)
  if (name.startsWith('crop_pad')) return cropPadImages(golden)
  return name.startsWith('random_resized_crop_math') ? randomMath(golden) : randomImage(golden)
}

const wh = ({ width, height }: Size) => [width, height]
const sizeOf = ([width, height]: readonly [number, number]): Size => ({ width, height })

function resizeMath(golden: GoldenCase): readonly Difference[] {
  const rows = golden.json.expected['rows'] as readonly {
    readonly orig_wh: readonly [number, number]
    readonly size: SizeJson
    readonly method: Method
    readonly split_idx: number
    readonly pcts: readonly [number, number] | null
    readonly crop: CropJson
  }[]
  return rows.map(({ orig_wh, size, method, pcts, crop }, i) => {
    const [picture, target] = [sizeOf(orig_wh), sizeFrom('size', size)]
    const rect =
      method === 'squish'
        ? { left: 0, top: 0, ...picture }
        : resizeRect(picture, target, method, pcts ?? [0.5, 0.5])
    return compareExactly(
      `row ${i}`,
      [wh(rect), [rect.left, rect.top], wh(target)],
      [crop.crop_wh, crop.tl_xy, crop.resize_to_wh],
    )
  })
}

/** A picture `[c, h, w]` or mask `[h, w]` of a case. */
function picture(golden: GoldenCase, name: 'image' | 'mask'): RasterImage {
  const { data, shape } = golden.input(name)
  if (name === 'mask') return RasterImage.of(ndArray('uint8', shape, Uint8Array.from(data), 'mask'))
  const [c, h, w] = shape as [number, number, number]
  const bytes = Uint8Array.from({ length: c * h * w }, (_, i) => data[(i % c) * h * w + Math.floor(i / c)]!)
  return RasterImage.of(ndArray('uint8', [h, w, c], bytes, 'image'))
}

async function comparePixels(golden: GoldenCase, key: string, image: unknown): Promise<Difference> {
  const { data, shape, kind } = await (image as RasterImage).pixels()
  const want = golden.expected(key)
  if (kind === 'mask') return compare(key, { shape, values: data }, { ...want, atol: 0, rtol: 0 })
  return compare(key, chw(data, shape), want)
}

function chw(data: NdArray['data'], [h, w, c]: readonly number[]) {
  const n = h! * w!
  const values = Uint8Array.from({ length: n * c! }, (_, i) => data[(i % n) * c! + Math.floor(i / n)]!)
  return { shape: [c!, h!, w!], values }
}

function resizeImages(golden: GoldenCase): Promise<readonly Difference[]> {
  const rows = golden.json.expected['rows'] as readonly {
    readonly key: string
    readonly size: SizeJson
    readonly method: Method
    readonly pad_mode: PadMode
    readonly split_idx: number
    readonly pcts: readonly [number, number]
  }[]
  return Promise.all(
    rows.flatMap(({ key, size, method, pad_mode, split_idx, pcts }) => {
      const tfm = resize(size, { method, padMode: pad_mode })
      return (['image', 'mask'] as const).map(async (name) =>
        comparePixels(
          golden,
          `${key}_${name}`,
          await tfm.encode(picture(golden, name), pcts, context(split_idx)),
        ),
      )
    }),
  )
}

async function cropPadImages(golden: GoldenCase): Promise<readonly Difference[]> {
  const image = picture(golden, 'image')
  const rows = golden.json.expected['rows'] as readonly {
    readonly key: string | null
    readonly tfm: string
    readonly size: SizeJson
    readonly max_sz: number
    readonly pad_mode?: PadMode
    readonly seed?: number
    readonly split_idx?: number
    readonly crop: CropJson
  }[]
  const checks: Difference[] = []
  for (const { key, tfm, size, max_sz, pad_mode, seed, split_idx = 0, crop } of rows) {
    const draws = { ...context(split_idx), random: goldenDraws(seed ?? 0) as never }
    const t = itemTransform(tfm, size, max_sz, pad_mode)
    const draw = await t.draw!([image], draws)
    const result = (await t.encode(image, draw as never, draws)) as RasterImage
    const step = result.steps[0]!
    if (step.do === 'crop') {
      const { left, top } = step.rect
      checks.push(compareExactly(`${tfm} ${size}`, [wh(step.rect), [left, top]], [crop.crop_wh, crop.tl_xy]))
    }
    if (key) checks.push(await comparePixels(golden, key, result))
  }
  const turns = Object.keys(golden.json.expected).filter((k) => /^(flip_lr|dihedral_\d)$/.test(k))
  for (const key of turns) {
    const turn = (key === 'flip_lr' ? 1 : Number(key.at(-1))) as Turn
    const t = key === 'flip_lr' ? flipItem() : dihedralItem()
    checks.push(await comparePixels(golden, key, await t.encode(image, turn, context(0))))
  }
  return checks
}

function itemTransform(tfm: string, size: SizeJson, maxSz: number, padMode: PadMode | undefined) {
  if (tfm === 'CropPad') return cropPad(size, padMode && { padMode })
  return tfm === 'RandomCrop' ? randomCrop(size) : ratioResize(maxSz)
}

function randomMath(golden: GoldenCase): Promise<readonly Difference[]> {
  const rows = golden.json.expected['rows'] as readonly {
    readonly orig_wh: readonly [number, number]
    readonly size: SizeJson
    readonly args: {
      readonly min_scale?: number
      readonly max_scale?: number
      readonly ratio?: readonly [number, number]
      readonly val_xtra?: number
    }
    readonly split_idx: number
    readonly seed: number
    readonly draws: number
    readonly crop_wh: unknown
    readonly tl_xy: unknown
    readonly crops: readonly CropJson[]
  }[]
  return Promise.all(
    rows.map(async ({ orig_wh, size, args, split_idx, seed, ...want }, i) => {
      const { min_scale: minScale = 0.08, max_scale: maxScale = 1, ratio = [3 / 4, 4 / 3] as const } = args
      const original = sizeOf(orig_wh)
      if (split_idx === 0) {
        const draws = goldenDraws(seed)
        const rect = randomRect(original, { minScale, maxScale, ratio }, draws)
        return compareExactly(
          `row ${i}`,
          [wh(rect), [rect.left, rect.top], draws.used()],
          [want.crop_wh, want.tl_xy, want.draws],
        )
      }
      const { width, height } = original
      const image = RasterImage.of(
        ndArray('uint8', [height, width, 1], new Uint8Array(width * height), 'image'),
      )
      const valXtra = args.val_xtra ?? 0.14
      const tfm = randomResizedCrop(size, { minScale, maxScale, ratio, valXtra })
      const { steps } = (await tfm.encode(image, undefined, context(1))) as RasterImage
      const [larger, cut] = steps as unknown as [{ readonly size: Size }, { readonly rect: Rect }]
      return compareExactly(
        `row ${i}`,
        [wh(larger.size), wh(cut.rect), [cut.rect.left, cut.rect.top]],
        [want.crops[0]!.resize_to_wh, want.crops[1]!.crop_wh, want.crops[1]!.tl_xy],
      )
    }),
  )
}

async function randomImage(golden: GoldenCase): Promise<readonly Difference[]> {
  const { size, min_scale, seed } = golden.json.config as {
    readonly size: SizeJson
    readonly min_scale: number
    readonly seed: number
  }
  const image = picture(golden, 'image')
  const tfm = randomResizedCrop(size, { minScale: min_scale })
  const rect = await tfm.draw!([image], { split: 0, random: goldenDraws(seed) as never })
  const want = golden.json.expected['window'] as CropJson
  return [
    compareExactly('window', [wh(rect!), [rect!.left, rect!.top]], [want.crop_wh, want.tl_xy]),
    await comparePixels(golden, 'train', await tfm.encode(image, rect, context(0))),
    await comparePixels(golden, 'valid', await tfm.encode(image, undefined, context(1))),
  ]
}
