import {
  describe,
  describeNumber,
  EspalierError,
  randomSplitter,
  type Splits,
  type Splitter,
} from '@espalier/data'
import type { Frame, Row } from '../frame/frame.js'

/** Which rows validate. */
export interface SplitOptions {
  /** Decides over rows: `colSplitter('is_valid')`, `indexSplitter([…])`, `trainTestSplitter({ stratify: … })`. */
  readonly splitter?: Splitter<never>
  /** The positions of the rows of each part, in place of a splitter. */
  readonly splits?: Splits
  /** The share of random rows that validates where nothing else is said. Default 0.2. */
  readonly validPct?: number
}

/** The positions of the rows of each part of a frame. */
export function splitFrame(
  frame: Frame,
  { splitter, splits, validPct = 0.2 }: SplitOptions,
  seed: number,
): Splits {
  const split = (splitter ?? randomSplitter({ validPct, seed })) as Splitter<Row>
  if (typeof split !== 'function') {
    throw new EspalierError('split/invalid', `a splitter must be a function, got ${describe(split)}`, {
      fix: 'say splitter: randomSplitter({ validPct: 0.2 })',
    })
  }
  const parts = splits ?? split(lazyRows(frame))
  if (!Array.isArray(parts) || parts.length < 2 || !parts.every(Array.isArray)) {
    throw new EspalierError('split/invalid', `the split is ${describe(parts)}`, {
      fix: 'it is a list of positions for each part: [train, valid]',
    })
  }
  const seen = new Uint8Array(frame.length)
  for (const part of parts) {
    for (const i of part) {
      if (!Number.isInteger(i) || i < 0 || i >= frame.length) {
        throw new EspalierError('split/index', `the split names row ${describeNumber(i)} of ${frame.length}`)
      }
      if (seen[i] === 1 && !split.mayOverlap) {
        throw new EspalierError(
          'split/overlap',
          `row ${i} is on both sides of the split: it would train and validate`,
          {
            fix: 'give each row one side, or say that it is meant: Object.assign(splitter, { mayOverlap: true })',
          },
        )
      }
      seen[i] = 1
    }
  }
  if (parts[0].length === 0)
    throw new EspalierError('block/no-train', `the split left no row of ${frame.length} to train`)
  if (parts[1].length === 0 && !split.mayBeEmpty && !splits) {
    throw new EspalierError('block/no-valid', `the split held out none of ${frame.length} rows`, {
      fix: 'hold out more, or say splitter: noSplitter() to train without validation',
    })
  }
  return parts as unknown as Splits
}

/** The rows of a frame as a list that makes a row when it is asked for: most splitters only count them. */
function lazyRows(frame: Frame): readonly Row[] {
  const index = (key: string | symbol) => (typeof key === 'string' && /^\d+$/.test(key) ? Number(key) : -1)
  return new Proxy<Row[]>(new Array(frame.length), {
    has: (target, key) => (index(key) >= 0 ? index(key) < frame.length : Reflect.has(target, key)),
    get: (target, key) => (index(key) >= 0 ? frame.row(index(key)) : Reflect.get(target, key)),
  })
}
