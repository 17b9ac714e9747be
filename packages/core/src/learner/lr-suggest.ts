import { describeNumber, EspalierError } from '@espalier/data'

/** A learning rate read off the curve of an lr_find, and the point of the curve that it was read at. */
export interface LrSuggestion {
  readonly name: string
  readonly lr: number
  readonly point: { readonly lr: number; readonly loss: number }
}

/** Reads a learning rate off losses at rising rates, in float32 as fastai does: of two that are alike it takes the same. */
export type SuggestFunc = (lrs: readonly number[], losses: readonly number[]) => Omit<LrSuggestion, 'name'>

const { fround } = Math

/** A third into the longest valley of the curve (fastai's default). */
export const valley: SuggestFunc = (lrs, losses) => {
  const lengths = fallingLengths(losses)
  let end = 0
  for (const [i, length] of lengths.entries()) if (length > lengths[end]!) end = i
  const start = end - lengths[end]!
  const third = (end - start) / 3
  const i = Math.max(0, start + Math.floor(third) + Math.floor(third / 2))
  return at(lrs, losses, i, lrs[i]!)
}

/** The length of the longest strictly falling subsequence that ends at each value (patience sorting). */
function fallingLengths(values: readonly number[]): number[] {
  const tails: number[] = []
  return values.map((v) => {
    let [low, high] = [0, tails.length]
    while (low < high) {
      const middle = (low + high) >> 1
      if (tails[middle]! > v) low = middle + 1
      else high = middle
    }
    tails[low] = v
    return low + 1
  })
}

/** Where the loss falls fastest against the logarithm of the rate. */
export const steep: SuggestFunc = (lrs, losses) => {
  const [x, y] = [lrs.map((lr) => fround(Math.log(fround(lr)))), losses.map(fround)]
  const slope = (i: number) => fround(fround(y[i + 1]! - y[i]!) / fround(x[i + 1]! - x[i]!))
  let best = 0
  for (let i = 1; i < losses.length - 1; i++) if (slope(i) < slope(best)) best = i
  return at(lrs, losses, best, lrs[best]!)
}

/** A tenth of the rate with the smallest loss. */
export const minimum: SuggestFunc = (lrs, losses) => {
  let best = 0
  for (let i = 1; i < losses.length; i++) if (losses[i]! < losses[best]!) best = i
  return at(lrs, losses, best, lrs[best]! / 10)
}

/** How `slide` goes along the curve, with fastai's defaults. */
export interface SlideOptions {
  /** Points between the two ends of the interval. Default 15. */
  readonly lrDiff?: number
  /** How different the slopes at its ends may be. Default 0.005. */
  readonly thresh?: number
  /** What the rate is multiplied with. Default 1. */
  readonly adjustValue?: number
}

/** Slides down from the right end until the slope at both ends of an interval is alike. */
export function slide({ lrDiff = 15, thresh = 0.005, adjustValue = 1 }: SlideOptions = {}): SuggestFunc {
  checkSlide('lrDiff', lrDiff, Number.isInteger(lrDiff) && lrDiff >= 1, 'a whole number of points from 1')
  checkSlide('thresh', thresh, thresh >= 0, 'a number at least 0')
  checkSlide('adjustValue', adjustValue, adjustValue > 0, 'a number above 0')
  return (lrs, losses) => {
    const slopes = gradient(losses)
    const last = losses.length - 1
    let right = last
    let left = Math.max(0, right - lrDiff)
    let chosen = left
    while (left >= 0 && right > 0 && fround(Math.abs(slopes[right]! - slopes[left]!)) > fround(thresh)) {
      chosen = left
      right--
      left--
    }
    const lr = lrs[chosen]! * adjustValue
    return { lr, point: { lr, loss: interpolated(lrs, losses, lr) } }
  }
}

function checkSlide(name: string, value: number, fits: boolean, wanted: string): void {
  if (fits) return
  throw new EspalierError(
    'lr-find/option',
    `slide: ${name} must be ${wanted}, got ${describeNumber(value)}`,
    {
      fix: 'leave it out for the usual value',
    },
  )
}

function at(
  lrs: readonly number[],
  losses: readonly number[],
  i: number,
  lr: number,
): Omit<LrSuggestion, 'name'> {
  return { lr, point: { lr: lrs[i]!, loss: losses[i]! } }
}

/** Central differences, one-sided at the ends (numpy's `gradient`). */
function gradient(values: readonly number[]): number[] {
  const last = values.length - 1
  return values.map((_, i) => {
    const [a, b] = [Math.max(0, i - 1), Math.min(last, i + 1)]
    return fround(fround(fround(values[b]!) - fround(values[a]!)) / (b - a))
  })
}

/** The curve at a rate between its points, straight on a logarithmic axis. */
function interpolated(lrs: readonly number[], losses: readonly number[], lr: number): number {
  const right = lrs.findIndex((v) => v >= lr)
  if (right <= 0) return right < 0 ? losses.at(-1)! : losses[0]!
  const [a, b] = [Math.log(lrs[right - 1]!), Math.log(lrs[right]!)]
  const share = (Math.log(lr) - a) / (b - a)
  return losses[right - 1]! + share * (losses[right]! - losses[right - 1]!)
}
