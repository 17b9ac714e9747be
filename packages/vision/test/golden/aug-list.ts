import type { Json } from '@espalier/data'
import type { Difference, GoldenCase } from '@espalier/testkit'
import { type AugTransformsOptions, augTransforms } from '../../src/index.js'
import { compareExactly } from './numbers.js'

type Described = Readonly<Record<string, unknown>>

const fastaiNames: Readonly<Record<string, string>> = {
  flip: 'flip_mat',
  dihedral: 'dihedral_mat',
  rotate: 'rotate_mat',
  zoom: 'zoom_mat',
  warp: '_WarpCoord',
  brightness: '_BrightnessLogit',
  contrast: '_ContrastLogit',
}

const snake = (key: string) => key.replaceAll(/[A-Z]/g, (c) => `_${c.toLowerCase()}`)
const camel = (key: string) => key.replaceAll(/_([a-z])/g, (_, c: string) => c.toUpperCase())
const renamed = (o: Described, rename: (key: string) => string) =>
  Object.fromEntries(Object.entries(o).map(([k, v]) => [rename(k), v]))

/** What `augTransforms` returns, written as fastai describes its own. */
export function augTransformsList(golden: GoldenCase): readonly Difference[] {
  const rows = golden.json.expected['rows'] as readonly {
    readonly args: Described
    readonly tfms: readonly Described[]
  }[]
  return rows.map(({ args, tfms }) => {
    const ours = augTransforms(renamed(args, camel) as AugTransformsOptions).map((t) => described(t))
    return compareExactly(JSON.stringify(args), rounded(ours), rounded(tfms))
  })
}

function described(t: ReturnType<typeof augTransforms>[number]): Described {
  const { steps = [], ...own } = t.toJSON!() as { steps?: readonly Record<string, Json>[] } & Record<
    string,
    Json
  >
  const batch = own['batch']
  const parts = steps.map(({ name, ...options }) => {
    return [fastaiNames[name as string], { ...renamed(options, snake), batch }] as const
  })
  if (t.name === 'spatial') {
    const isView = ([name]: readonly [string | undefined, unknown]) => name === '_WarpCoord'
    const first = steps[0]!['name'] as string
    return {
      type: first[0]!.toUpperCase() + first.slice(1),
      aff: parts.filter((p) => !isView(p)),
      coord: parts.filter(isView),
      size: own['size'] ?? null,
      mode: own['mode'],
      mode_mask: 'nearest',
      pad_mode: own['padMode'],
      align_corners: own['alignCorners'],
      order: t.order,
    }
  }
  if (t.name === 'lighting') return { type: 'Brightness', fs: parts, order: t.order }
  const { size, minScale, maxScale, ratio } = own
  return {
    type: 'RandomResizedCropGPU',
    size,
    min_scale: minScale,
    max_scale: maxScale,
    ratio,
    order: t.order,
  }
}

/** Without the last digits of 0.1 · 2 and the like, keys in order, sizes as two numbers. */
function rounded(x: unknown): unknown {
  if (typeof x === 'number') return Number(x.toPrecision(6))
  if (Array.isArray(x)) return x.map(rounded)
  if (typeof x !== 'object' || x === null) return x
  return Object.fromEntries(
    Object.entries(x)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([k, v]) => [k, k === 'size' && typeof v === 'number' ? [v, v] : rounded(v)]),
  )
}
