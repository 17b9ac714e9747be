import type { Difference, GoldenCase } from '@espalier/testkit'
import { erasedRects } from '../../src/augment/random-erasing.js'
import { goldenDraws } from '../draws.js'
import { compareExactly } from './numbers.js'

interface Row {
  readonly args: {
    readonly p?: number
    readonly sl?: number
    readonly sh?: number
    readonly min_aspect?: number
    readonly max_count?: number
  }
  readonly seed: number
  readonly img_hw: readonly [number, number]
  /** Rows from and to, columns from and to. */
  readonly areas: unknown
}

/** Which rectangles are erased, by the draws of each row's stream. */
export function erasingRows(golden: GoldenCase): readonly Difference[] {
  const rows = golden.json.expected['rows'] as readonly Row[]
  return rows.map(({ args, seed, img_hw: [height, width], areas }) => {
    const { p = 0.5, sl = 0, sh = 0.3, min_aspect: minAspect = 0.3, max_count: maxCount = 1 } = args
    const draws = goldenDraws(seed)
    // Where it always happens fastai draws nothing for it.
    const acts = p === 1 || draws.uniform() < p
    const rects = acts ? erasedRects({ width, height }, { sl, sh, minAspect, maxCount }, draws) : []
    const got = rects.map((r) => [r.top, r.top + r.height, r.left, r.left + r.width])
    return compareExactly(JSON.stringify(args), got, areas)
  })
}
