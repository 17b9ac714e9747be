import { isMainThread } from 'node:worker_threads'
import { type NdArray, SkipItem } from '@espalier/data'
import { applySteps } from '../image/apply-steps.js'
import { type ImageStep, insideOf, type Rect, type Size, sizeAfter } from '../image/geometry.js'
import type { ImageSource } from '../image/raster-image.js'
import type { Filter } from '../image/resample.js'
import { decode } from './decode.js'
import { decodeBands } from './decode-bands.js'
import { MemoryGate } from './memory-gate.js'
import { type Encoded, megapixels, type Probed, type ReadOptions } from './probe.js'

/** How a picture is read: as colours, as grey, or so many channels as they lie in the file, within limits. */
export interface SourceOptions extends ReadOptions {
  readonly mode: 'RGB' | 'L' | number
}

/** Decoded pictures on their way through the steps: at a time 128 MiB of them, in each worker thread 32 MiB. */
const gate = new MemoryGate(isMainThread ? 2 ** 27 : 2 ** 25)

/** Parts of up to this many pixels are resized exactly; of larger ones see {@link shrunk}. */
const exactPixels = 1_500_000

/** A picture in a file or in memory; `probed` reads its head, once for as often as it is asked. */
export class EncodedSource implements ImageSource {
  constructor(
    readonly input: Encoded,
    readonly options: SourceOptions,
    readonly probed: () => Promise<Probed>,
  ) {}

  async size(): Promise<Size> {
    return (await this.probed()).size
  }

  async read(steps: readonly ImageStep[], filter: Filter): Promise<NdArray<'uint8'>> {
    const probed = await this.probed()
    checkSizes(probed.size, steps, this.options.maxPixels)
    const { rect, rest } = cut(probed.size, steps)
    const { mode } = this.options
    const shrinkTo = filter === 'bilinear' && typeof mode !== 'number' ? shrunk(rect, rest) : undefined
    const { width, height } = shrinkTo ?? rect
    const channels = typeof mode === 'number' ? Math.max(4, mode) : 4
    return gate.hold(width * height * channels, async () => {
      const pixels =
        typeof mode === 'number'
          ? await decodeBands(this.input, probed, rect, mode, this.options)
          : await decode(this.input, probed, { rect, shrinkTo, mode }, this.options)
      return applySteps(pixels, rest, filter)
    })
  }
}

/** Padding can make a long narrow picture enormous. */
export function checkSizes(size: Size, steps: readonly ImageStep[], maxPixels: number): void {
  for (const [i] of steps.entries()) {
    const { width, height } = sizeAfter(size, steps.slice(0, i + 1))
    if (width * height > maxPixels) {
      throw new SkipItem(
        `${size.width}×${size.height} px would be made ${width}×${height}, at most ${megapixels(maxPixels)} are made`,
      )
    }
  }
}

/** What of a picture the steps need, and what they then have left to do. */
function cut(
  size: Size,
  steps: readonly ImageStep[],
): { readonly rect: Rect; readonly rest: readonly ImageStep[] } {
  const whole = { left: 0, top: 0, ...size }
  const first = steps[0]
  const rect = first?.do === 'crop' ? insideOf(first.rect, size) : undefined
  if (!rect || first?.do !== 'crop') return { rect: whole, rest: steps }
  const { left, top, width, height } = first.rect
  if (rect.width === width && rect.height === height) return { rect, rest: steps.slice(1) }
  const padded = { left: left - rect.left, top: top - rect.top, width, height }
  return { rect, rest: [{ ...first, rect: padded }, ...steps.slice(1)] }
}

/**
 * Large photographs are first shrunk by libvips, on its threads, to four times what is wanted in each direction,
 * and exactly from there. On photographs that stays within 2 or 3 of 255 of Pillow's result, and the decoded
 * picture is never held as a whole. (All the way by libvips it would be off by up to 10, most at the edges.)
 */
function shrunk(rect: Rect, [next]: readonly ImageStep[]): Size | undefined {
  if (next?.do !== 'resize' || next.filter === 'nearest' || rect.width * rect.height <= exactPixels)
    return undefined
  const size = { width: 4 * next.size.width, height: 4 * next.size.height }
  return size.width < rect.width && size.height < rect.height ? size : undefined
}
