import {
  type BeforeBatch,
  EspalierError,
  isNdArray,
  type NdArray,
  ndArray,
  type Sample,
} from '@espalier/data'

/** What boxes that fill a batch up are labelled. */
export interface BbPadOptions {
  /** Default 0, which is `#na#`. */
  readonly padIdx?: number
}

/**
 * Gives all samples of a batch as many boxes (fastai's `bb_pad`): boxes are cut off at the edges of their picture, those
 * that lie outside left out with their labels, and what is missing is filled up with boxes of zeros.
 */
export function bbPad({ padIdx = 0 }: BbPadOptions = {}): BeforeBatch {
  return {
    name: 'bbPad',
    toJSON: () => ({ padIdx }),
    encodeSamples(samples) {
      const seen = samples.map(withoutEmpty)
      const elements = seen[0] ?? []
      const most = elements.map((_, i) =>
        Math.max(1, ...seen.map((s) => (isBoxes(s[i]) || isLabels(s[i]) ? s[i].shape[0]! : 0))),
      )
      return seen.map((sample) =>
        sample.map((e, i) =>
          isBoxes(e) ? filled(e, most[i]!, 0) : isLabels(e) ? filled(e, most[i]!, padIdx) : e,
        ),
      )
    },
  }
}

/** A sample whose boxes are cut off at the edges; the empty ones, and their labels, are gone. */
function withoutEmpty(sample: Sample): Sample {
  let kept: readonly number[] | undefined
  return sample.map((element) => {
    if (isBoxes(element)) {
      const boxes = clipped(element)
      kept = Array.from({ length: boxes.shape[0]! }, (_, i) => i).filter((i) => hasArea(boxes.data, 4 * i))
      return rowsOf(boxes, kept)
    }
    if (!isLabels(element) || !kept) return element
    return rowsOf(checkCount(element, sample), kept)
  })
}

function clipped({ data, shape, kind }: NdArray<'float32'>): NdArray<'float32'> {
  return ndArray(
    'float32',
    shape,
    data.map((v) => Math.min(1, Math.max(-1, v))),
    kind,
  )
}

function hasArea(data: Float32Array, at: number): boolean {
  return data[at + 2]! > data[at]! && data[at + 3]! > data[at + 1]!
}

function rowsOf<A extends NdArray<'float32'> | NdArray<'int32'>>(array: A, rows: readonly number[]): A {
  const step = array.data.length / Math.max(1, array.shape[0]!)
  const data = rows.flatMap((i) => Array.from(array.data.subarray(i * step, (i + 1) * step)))
  return ndArray(array.dtype, [rows.length, ...array.shape.slice(1)], data, array.kind) as A
}

function filled<A extends NdArray<'float32'> | NdArray<'int32'>>(array: A, n: number, value: number): A {
  const step = array.shape.slice(1).reduce((a, b) => a * b, 1)
  const data = [...array.data, ...Array.from({ length: (n - array.shape[0]!) * step }, () => value)]
  return ndArray(array.dtype, [n, ...array.shape.slice(1)], data, array.kind) as A
}

function checkCount(labels: NdArray<'int32'>, sample: Sample): NdArray<'int32'> {
  const boxes = sample.find(isBoxes)!.shape[0]!
  const n = labels.shape[0]!
  if (n === boxes) return labels
  throw new EspalierError('boxes/labels', `an item has ${boxes} boxes and ${n} labels`, {
    fix: 'return one label for each box of an item, in their order',
  })
}

function isBoxes(e: unknown): e is NdArray<'float32'> {
  return isNdArray(e) && e.kind === 'boxes'
}

function isLabels(e: unknown): e is NdArray<'int32'> {
  return isNdArray(e) && e.kind === 'boxLabels'
}
